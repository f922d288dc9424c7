import { route } from "#server/http/route.ts";
import { listPeople } from "#server/identity/index.ts";

export const GET = route(listPeople);
