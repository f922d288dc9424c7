import type { FormName } from "../routes.ts";
import type { Form } from "./form.ts";
import { mlflow } from "./mlflow.ts";
import { openInference } from "./open-inference.ts";
import { plain } from "./plain.ts";

export const FORMS: Readonly<Record<FormName, Form>> = { "open-inference": openInference, mlflow, plain };
