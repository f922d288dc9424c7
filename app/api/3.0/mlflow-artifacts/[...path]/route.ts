import { mlflow } from "#server/http/mlflow.ts";

export { mlflow as DELETE, mlflow as GET, mlflow as HEAD, mlflow as PATCH, mlflow as POST, mlflow as PUT };
