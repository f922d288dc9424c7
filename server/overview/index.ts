export { countWaiting } from "./count-waiting.ts";
export { getControlPlane } from "./get-control-plane.ts";
export { getHome } from "./get-home.ts";
export { getProjectOverview } from "./get-project-overview.ts";
export { listAudit } from "./list-audit.ts";
export { search } from "./search.ts";
export { startProject } from "./start-project.ts";
