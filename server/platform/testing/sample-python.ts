import path from "node:path";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Pythons with what the flight delays sample needs, newest mlflow first; one named "none" where PyPI could not be reached. */
    mlflowClients: { readonly version: string; readonly python: string }[];
  }
}

/** A Python with mlflow, scikit-learn and onnxruntime; the file is not there where PyPI could not be reached when the checks were prepared. */
export const SAMPLE_PYTHON = path.resolve(inject("mlflowClients")[0]?.python ?? "none");
