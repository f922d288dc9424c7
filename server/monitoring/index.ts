export { getAlert, listAlerts } from "./alert-reads.ts";
export { applyMonitorFile } from "./apply-monitor-file.ts";
export { acknowledgeAlert, resolveAlert } from "./change-alert.ts";
export { jobs, subscriptions } from "./jobs.ts";
export { getMonitor, getWindow, listMonitors } from "./reads.ts";
export { startRetraining } from "./start-retraining.ts";
export { computeNow, createMonitor, updateMonitor } from "./update-monitor.ts";
export { watchMonitors } from "./watch-monitors.ts";
