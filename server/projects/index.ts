export { createProject } from "./create-project.ts";
export { getProject, listProjects } from "./reads.ts";
export { updateProject } from "./update-project.ts";
