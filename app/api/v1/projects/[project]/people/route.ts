import { route } from "#server/http/route.ts";
import { searchPeople } from "#server/identity/index.ts";

export const GET = route(searchPeople);
