import { auditCsv } from "#server/http/audit-csv.ts";

export const GET = auditCsv;
