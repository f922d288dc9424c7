export { answerMlflow, MLFLOW_VERSION } from "./answer.ts";
