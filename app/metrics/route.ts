import { metrics } from "#server/http/health.ts";

export const GET = metrics;
