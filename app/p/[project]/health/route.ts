import { mlflowHealth } from "#server/http/mlflow.ts";

export { mlflowHealth as GET };
