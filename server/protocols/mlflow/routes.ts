import type { Handler } from "./call.ts";
import * as experiments from "./experiments.ts";
import * as models from "./logged-models.ts";
import * as registry from "./registry.ts";
import * as runs from "./runs.ts";
import { getLatestVersions, transitionStage } from "./stages.ts";
import { createPresignedUpload } from "./transfers.ts";
import * as webhooks from "./webhooks.ts";

type Method = "GET" | "POST" | "PATCH" | "DELETE";
type Route = readonly [method: Method, path: string, handler: Handler];

/** What is served below `mlflow/`, whatever the version of the address. `{name}` in a path is a field of the message. */
const ROUTES: readonly Route[] = [
  ["GET", "experiments/get-by-name", experiments.getExperimentByName],
  ["GET", "experiments/get", experiments.getExperimentById],
  ["POST", "experiments/create", experiments.createExperimentHandler],
  ["POST", "experiments/search", experiments.searchExperimentsHandler],
  ["GET", "experiments/search", experiments.searchExperimentsHandler],
  ["POST", "experiments/update", experiments.updateExperimentHandler],
  ["POST", "experiments/delete", experiments.deleteExperimentHandler],
  ["POST", "experiments/restore", experiments.restoreExperimentHandler],
  ["POST", "experiments/set-experiment-tag", experiments.setExperimentTag],
  ["POST", "experiments/delete-experiment-tag", experiments.deleteExperimentTag],
  ["POST", "experiments/search-datasets", experiments.searchDatasetsHandler],

  ["POST", "runs/create", runs.createRunHandler],
  ["GET", "runs/get", runs.getRunHandler],
  ["POST", "runs/update", runs.updateRunHandler],
  ["POST", "runs/delete", runs.deleteRunHandler],
  ["POST", "runs/restore", runs.restoreRunHandler],
  ["POST", "runs/search", runs.searchRunsHandler],
  ["POST", "runs/log-batch", runs.logBatchHandler],
  ["POST", "runs/log-metric", runs.logMetricHandler],
  ["POST", "runs/log-parameter", runs.logParamHandler],
  ["POST", "runs/set-tag", runs.setTagHandler],
  ["POST", "runs/delete-tag", runs.deleteTagHandler],
  ["POST", "runs/log-inputs", runs.logInputsHandler],
  ["POST", "runs/outputs", runs.logOutputsHandler],
  ["POST", "runs/log-model", runs.logModelHandler],
  ["GET", "artifacts/list", runs.listRunArtifacts],
  ["POST", "artifacts/presigned-upload-url", createPresignedUpload],
  ["GET", "metrics/get-history", runs.getHistoryHandler],
  ["GET", "metrics/get-history-bulk-interval", runs.getBulkIntervalHandler],
  ["GET", "metrics/get-history-bulk", runs.getBulkHistoryHandler],

  ["POST", "logged-models", models.createModelHandler],
  ["POST", "logged-models/search", models.searchModelsHandler],
  ["GET", "logged-models/{model_id}", models.getModelHandler],
  ["PATCH", "logged-models/{model_id}", models.finalizeModelHandler],
  ["DELETE", "logged-models/{model_id}", models.deleteModelHandler],
  ["PATCH", "logged-models/{model_id}/tags", models.setModelTags],
  ["DELETE", "logged-models/{model_id}/tags/{tag_key}", models.deleteModelTag],
  ["POST", "logged-models/{model_id}/params", models.logModelParamsHandler],
  ["GET", "logged-models/{model_id}/artifacts/directories", models.listModelArtifacts],

  ["POST", "registered-models/create", registry.createRegisteredModel],
  ["GET", "registered-models/get", registry.getRegisteredModel],
  ["PATCH", "registered-models/update", registry.updateRegisteredModel],
  ["POST", "registered-models/rename", registry.renameRegisteredModel],
  ["DELETE", "registered-models/delete", registry.deleteRegisteredModel],
  ["GET", "registered-models/search", registry.searchRegisteredModels],
  ["POST", "registered-models/get-latest-versions", getLatestVersions],
  ["GET", "registered-models/get-latest-versions", getLatestVersions],
  ["POST", "registered-models/set-tag", registry.setRegisteredModelTag],
  ["DELETE", "registered-models/delete-tag", registry.deleteRegisteredModelTag],
  ["GET", "registered-models/alias", registry.getVersionByAlias],
  ["POST", "registered-models/alias", registry.setRegisteredModelAlias],
  ["DELETE", "registered-models/alias", registry.deleteRegisteredModelAlias],
  ["POST", "model-versions/create", registry.createModelVersion],
  ["GET", "model-versions/get", registry.getModelVersion],
  ["PATCH", "model-versions/update", registry.updateModelVersion],
  ["DELETE", "model-versions/delete", registry.deleteModelVersion],
  ["GET", "model-versions/search", registry.searchModelVersions],
  ["GET", "model-versions/get-download-uri", registry.getDownloadUri],
  ["POST", "model-versions/transition-stage", transitionStage],
  ["POST", "model-versions/set-tag", registry.setModelVersionTag],
  ["DELETE", "model-versions/delete-tag", registry.deleteModelVersionTag],

  ["POST", "webhooks", webhooks.createWebhookHandler],
  ["GET", "webhooks", webhooks.listWebhooksHandler],
  ["GET", "webhooks/{webhook_id}", webhooks.getWebhookHandler],
  ["PATCH", "webhooks/{webhook_id}", webhooks.updateWebhookHandler],
  ["DELETE", "webhooks/{webhook_id}", webhooks.deleteWebhookHandler],
  ["POST", "webhooks/{webhook_id}/test", webhooks.testWebhookHandler],
];

/** The rest of MLflow's API, by the first part of its paths: it exists, but is not served. */
const ELSEWHERE = new Set(
  (
    "traces unified-traces get-online-trace-details workspaces issues datasets scorers gateway assessments " +
    "prompt-optimization prompts label-schemas review-queues jobs mcp-servers server-features ui-telemetry"
  ).split(" "),
);

const fixed = new Map<string, Handler>();
const patterned: { readonly method: string; readonly pattern: RegExp; readonly handler: Handler }[] = [];
for (const [method, path, handler] of ROUTES) {
  if (!path.includes("{")) fixed.set(`${method} ${path}`, handler);
  else {
    const source = path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
    patterned.push({ method, pattern: new RegExp(`^${source}$`), handler });
  }
}

export interface Matched {
  readonly handler: Handler;
  readonly params: Readonly<Record<string, string>>;
}

/** The handler of a call below `mlflow/`, null when there is none. */
export function findRoute(method: string, path: string): Matched | null {
  const handler = fixed.get(`${method} ${path}`);
  if (handler) return { handler, params: {} };
  for (const route of patterned) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (match) return { handler: route.handler, params: decodedGroups(match.groups ?? {}) };
  }
  return null;
}

function decodedGroups(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).map(([name, value]) => {
      try {
        return [name, decodeURIComponent(value)];
      } catch {
        return [name, value];
      }
    }),
  );
}

/** Every route there is, for the tests that walk them. */
export function servedRoutes(): readonly { readonly method: Method; readonly path: string }[] {
  return ROUTES.map(([method, path]) => ({ method, path }));
}

/** Whether MLflow has something under this path that Touchstone does not serve. */
export function isKnownElsewhere(path: string): boolean {
  return ELSEWHERE.has(path.split("/")[0] ?? "");
}
