import { handle } from "#server/http/route.ts";
import { sendVersionExport } from "#server/http/version-export.ts";

export const GET = handle(sendVersionExport);
