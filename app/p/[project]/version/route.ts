import { mlflowVersion } from "#server/http/mlflow.ts";

export { mlflowVersion as GET };
