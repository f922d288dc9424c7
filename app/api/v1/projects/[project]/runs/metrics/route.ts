import { metricHistories, metricHistory } from "#server/http/metric-histories.ts";

export { metricHistory as GET, metricHistories as POST };
