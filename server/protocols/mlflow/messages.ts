import type {
  ArtifactEntryDto,
  ExperimentDto,
  KeyValue,
  LoggedModelDto,
  MetricValueDto,
  RunDto,
  RunInfoDto,
} from "#server/tracking/contract.ts";
import { artifactUri } from "#server/tracking/index.ts";

// What is not set is left out, 64 bit numbers are numbers, and NaN is the text "NaN": proto3 JSON as MLflow's server writes it.

export function experimentMessage(e: ExperimentDto) {
  return {
    experiment_id: String(e.number),
    name: e.name,
    artifact_location: `mlflow-artifacts:/${e.number}`,
    lifecycle_stage: e.lifecycleStage,
    last_update_time: e.updatedAt,
    creation_time: e.createdAt,
    ...some("tags", e.tags),
  };
}

/** `{[name]: list}`, or nothing for an empty list. */
function some<T>(name: string, list: readonly T[]): Record<string, readonly T[]> {
  return list.length > 0 ? { [name]: list } : {};
}

export function metricMessage({ key, value, timestamp, step }: MetricValueDto) {
  return { key, value: value ?? "NaN", timestamp, step };
}

export function runInfoMessage(run: RunInfoDto) {
  return {
    run_id: run.id,
    run_uuid: run.id,
    run_name: run.name,
    experiment_id: String(run.experiment),
    user_id: run.userName,
    status: run.status,
    start_time: run.startTime,
    ...(run.endTime === null ? {} : { end_time: run.endTime }),
    artifact_uri: artifactUri(run.experiment, { kind: "run", id: run.id }),
    lifecycle_stage: run.lifecycleStage,
  };
}

export function runMessage(run: RunDto) {
  return {
    info: runInfoMessage(run),
    data: {
      ...some("metrics", run.metrics.map(metricMessage)),
      ...some("params", run.params),
      ...some("tags", run.tags),
    },
    inputs: {
      ...some(
        "dataset_inputs",
        run.inputs.map(({ name, digest, sourceType, source, schema, profile, tags }) => ({
          ...some("tags", tags),
          dataset: {
            name,
            digest,
            source_type: sourceType,
            source,
            ...(schema === null ? {} : { schema }),
            ...(profile === null ? {} : { profile }),
          },
        })),
      ),
      ...some(
        "model_inputs",
        run.modelInputs.map((model_id) => ({ model_id })),
      ),
    },
    outputs: some(
      "model_outputs",
      run.modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step })),
    ),
  };
}

/** The registered versions that clients note in a logged model's tags, as the message carries them. */
function registrations(tags: readonly KeyValue[]): { name: string; version: string }[] {
  const noted = tags.find((tag) => tag.key === "mlflow.modelVersions")?.value;
  if (noted === undefined) return [];
  try {
    const list = JSON.parse(noted) as { name?: unknown; version?: unknown }[];
    const named = list.map(({ name, version }) => ({ name: String(name), version: String(version) }));
    return named.filter((one, i) => named.findIndex((x) => x.name === one.name && x.version === one.version) === i);
  } catch {
    return [];
  }
}

export function loggedModelMessage(model: LoggedModelDto) {
  return {
    info: {
      model_id: model.id,
      experiment_id: String(model.experiment),
      name: model.name,
      creation_timestamp_ms: model.createdAt,
      last_updated_timestamp_ms: model.updatedAt,
      artifact_uri: artifactUri(model.experiment, { kind: "model", id: model.id }),
      status: `LOGGED_MODEL_${model.status}`,
      ...(model.modelType === null ? {} : { model_type: model.modelType }),
      ...(model.sourceRunId === null ? {} : { source_run_id: model.sourceRunId }),
      ...(model.statusMessage === null ? {} : { status_message: model.statusMessage }),
      ...some("tags", model.tags),
      ...some("registrations", registrations(model.tags)),
    },
    data: {
      ...some("params", model.params),
      ...some(
        "metrics",
        model.metrics.map((metric) => ({
          ...metricMessage(metric),
          model_id: model.id,
          run_id: metric.runId,
          ...(metric.datasetName === null ? {} : { dataset_name: metric.datasetName }),
          ...(metric.datasetDigest === null ? {} : { dataset_digest: metric.datasetDigest }),
        })),
      ),
    },
  };
}

/** A file or folder; `path` is relative to what the caller listed by. */
export function fileMessage(entry: ArtifactEntryDto, path: string) {
  return entry.folder ? { path, is_dir: true } : { path, is_dir: false, file_size: entry.sizeBytes };
}
