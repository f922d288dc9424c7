import { logoutUrl } from "#server/http/sign-out.ts";

export const POST = logoutUrl;
