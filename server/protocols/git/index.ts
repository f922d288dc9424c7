export { answerGit } from "./http-backend.ts";
