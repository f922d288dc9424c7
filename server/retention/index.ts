export { jobs, sweep } from "./jobs.ts";
export { planPurge } from "./plan-purge.ts";
export { listPurges } from "./reads.ts";
export { setRetention } from "./set-rule.ts";
export { startPurge } from "./start-purge.ts";
