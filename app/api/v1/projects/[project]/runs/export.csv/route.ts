import { runsCsv } from "#server/http/runs-csv.ts";

export const GET = runsCsv;
