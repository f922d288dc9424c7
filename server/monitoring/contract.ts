import { z } from "zod";

const drop = z.number().gt(0).max(1);
const distance = z.number().gt(0).max(100);

export const WINDOW_LENGTHS = ["hour", "day", "week", "month"] as const;
export const WindowLength = z.enum(WINDOW_LENGTHS);
export type WindowLength = z.infer<typeof WindowLength>;

export const RetrainMode = z.enum(["manual", "automatic"]);
export type RetrainMode = z.infer<typeof RetrainMode>;

/** What a monitor watches. Names as in monitor.yaml, which holds this and the endpoint's name. */
export const MonitorConfig = z.strictObject({
  /** What windows are compared with. `champion`: the dataset version that the version which answered was trained on. */
  reference: z
    .strictObject({
      dataset: z.string().optional(),
      version: z.union([z.literal("champion"), z.number().int().min(1)]).default("champion"),
    })
    .default({ version: "champion" }),
  window: WindowLength.default("day"),
  /** A window with fewer rows is shown, but raises no alert. */
  min_rows: z.number().int().min(1).max(10_000_000).default(100),
  /** A feature has drifted when a distance reaches its threshold and its test's p, corrected for the number of tests, is at most alpha. */
  drift: z
    .strictObject({
      features: z.union([z.literal("all"), z.array(z.string().min(1)).min(1)]).default("all"),
      psi: distance.default(0.2),
      jensen_shannon: distance.default(0.1),
      /** Change of the share of missing values. */
      missing: drop.default(0.1),
      alpha: z.number().gt(0).lt(0.5).default(0.01),
    })
    .prefault({}),
  prediction_drift: z.strictObject({ psi: distance.default(0.2), jensen_shannon: distance.default(0.1) }).prefault({}),
  /** Against the champion's figures on its promotion's hold-out. Without a limit a figure is shown and raises nothing. */
  performance: z
    .strictObject({
      /** Share of predictions with an outcome below which performance is shown, but not judged. */
      min_coverage: z.number().min(0).max(1).default(0.5),
      accuracy: z.strictObject({ max_drop: drop }).optional(),
      auc: z.strictObject({ max_drop: drop }).optional(),
      log_loss: z.strictObject({ max_rise: z.number().gt(0).max(100) }).optional(),
    })
    .prefault({}),
  service: z
    .strictObject({
      /** Share of requests that failed on our side (5xx). */
      max_error_share: drop.optional(),
      max_p95_ms: z.number().gt(0).optional(),
    })
    .prefault({}),
  retrain: z
    .strictObject({
      pipeline: z
        .string()
        .regex(/\.ya?ml$/, "A pipeline file ends in .yaml or .yml.")
        .default("pipeline.yaml"),
      mode: RetrainMode.default("manual"),
    })
    .prefault({}),
});
export type MonitorConfig = z.infer<typeof MonitorConfig>;

/** A monitor.yaml. */
export const MonitorFile = MonitorConfig.extend({ version: z.literal(1), endpoint: z.string().min(1) });
export type MonitorFile = z.infer<typeof MonitorFile>;

export const MONITOR_PATH = "monitor.yaml";

export const MonitorName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "Use up to 63 lower-case letters, digits, hyphens, dots and underscores.");

export const CreateMonitorInput = z.object({
  name: MonitorName,
  endpoint: z.string().min(1, "Choose an endpoint."),
  config: MonitorConfig,
  enabled: z.boolean().default(true),
});
export const UpdateMonitorInput = z.object({
  monitor: MonitorName,
  config: MonitorConfig.optional(),
  enabled: z.boolean().optional(),
});

export const AlertKind = z.enum(["drift", "prediction_drift", "performance", "service", "rollout"]);
export type AlertKind = z.infer<typeof AlertKind>;
export const AlertStatus = z.enum(["open", "acknowledged", "resolved"]);
export type AlertStatus = z.infer<typeof AlertStatus>;
export const RetrainingState = z.enum(["preparing", "running", "requested", "failed"]);
export type RetrainingState = z.infer<typeof RetrainingState>;

const Side = z.object({ rows: z.number(), missing: z.number(), valid: z.number() });
const Bars = z.object({
  reference: z.array(z.number()),
  current: z.array(z.number()),
  edges: z.array(z.number()).optional(),
  keys: z.array(z.string()).optional(),
});

/** One feature (or the prediction) of a window against the reference: every method's figure, and the verdict in a sentence. */
export const FeatureDrift = z.object({
  feature: z.string(),
  kind: z.enum(["numeric", "categorical"]),
  status: z.enum(["drifted", "stable", "insufficient"]),
  because: z.array(z.enum(["distribution", "missing"])),
  effect: z.number(),
  adjustedP: z.number().nullable(),
  adjustedMissingP: z.number().nullable(),
  sentence: z.string(),
  reference: Side,
  current: Side,
  minimumRows: z.number(),
  distribution: z
    .object({
      test: z.enum(["kolmogorov_smirnov", "chi_square"]),
      statistic: z.number(),
      p: z.number(),
      psi: z.number(),
      psiWithoutDrift: z.number(),
      jensenShannon: z.number(),
      wasserstein: z.number().nullable(),
      newCategories: z.array(z.string()),
      /** Both distributions, for a chart; left out where many windows are listed. */
      bars: Bars.optional(),
    })
    .nullable(),
  missing: z.object({ reference: z.number(), current: z.number(), p: z.number() }).nullable(),
});
export type FeatureDrift = z.infer<typeof FeatureDrift>;

export const PredictionDrift = FeatureDrift.extend({
  /** "probability of 1", "predicted class", "predicted number". */
  of: z.string(),
});
export type PredictionDrift = z.infer<typeof PredictionDrift>;

export const MetricName = z.enum(["accuracy", "auc", "log_loss"]);
export type MetricName = z.infer<typeof MetricName>;

/** Where a figure to compare with comes from. */
export const Baseline = z.object({
  value: z.number(),
  source: z.enum(["holdout", "first_window"]),
  /** "hold-out of request 2, 1,234 rows" or "first window, July 2013". */
  text: z.string(),
});
export type Baseline = z.infer<typeof Baseline>;

export const Figure = z.object({
  value: z.number(),
  /** 95% interval; null where none is known. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  baseline: Baseline.nullable(),
});
export type Figure = z.infer<typeof Figure>;

export const Performance = z.object({
  /** Predictions with an outcome. */
  n: z.number(),
  coverage: z.number(),
  /** Null where the model or the outcomes do not allow it: an AUC needs two classes that both occur. */
  accuracy: Figure.nullable(),
  auc: Figure.nullable(),
  log_loss: Figure.nullable(),
});
export type Performance = z.infer<typeof Performance>;

/** Requests that were received between the window's start and end by the clock; null when none were: the window was replayed later. */
export const ServiceFigures = z.object({
  clock: z
    .object({
      requests: z.number(),
      refused: z.number(),
      failed: z.number(),
      p50Ms: z.number().nullable(),
      p95Ms: z.number().nullable(),
    })
    .nullable(),
  /** Time to score each logged row of the window, whenever it was received. */
  rowP50Ms: z.number().nullable(),
  rowP95Ms: z.number().nullable(),
});
export type ServiceFigures = z.infer<typeof ServiceFigures>;

/** A threshold that a window crossed. */
export const Breach = z.object({ kind: AlertKind, title: z.string(), sentences: z.array(z.string()) });
export type Breach = z.infer<typeof Breach>;

export const WindowVersion = z.object({ versionId: z.string(), version: z.number(), rows: z.number() });
export type WindowVersion = z.infer<typeof WindowVersion>;

export const AlertDetails = z.object({
  sentences: z.array(z.string()).default([]),
  /** All windows that crossed the threshold while the alert was open; `startsAt` is ISO 8601. */
  windows: z.array(z.object({ startsAt: z.string(), label: z.string() })).default([]),
});

export interface WindowDto {
  readonly id: string;
  /** "July 2013". */
  readonly label: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly rows: number;
  readonly outcomes: number;
  readonly versions: readonly WindowVersion[];
  readonly reference: { readonly versionId: string; readonly name: string; readonly version: number } | null;
  readonly drift: readonly FeatureDrift[];
  readonly predictionDrift: PredictionDrift | null;
  readonly performance: Performance | null;
  readonly service: ServiceFigures | null;
  readonly breaches: readonly Breach[];
  readonly notes: readonly string[];
  readonly computedAt: string;
  readonly computeMs: number;
}

export interface AlertDto {
  readonly id: string;
  readonly number: number;
  readonly monitor: string;
  readonly endpoint: string;
  readonly kind: AlertKind;
  readonly title: string;
  readonly sentences: readonly string[];
  readonly status: AlertStatus;
  readonly openedAt: string;
  /** The windows that crossed the threshold, oldest first. */
  readonly windows: readonly { readonly label: string; readonly startsAt: string }[];
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: string | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: string | null;
  readonly resolution: string;
  readonly retraining: {
    readonly state: RetrainingState;
    readonly by: string;
    readonly at: string;
    readonly error: string | null;
  } | null;
  readonly chain: AlertChain;
}

/** What an alert led to; null for what has not happened. */
export interface AlertChain {
  readonly dataset: { readonly name: string; readonly version: number; readonly rows: number } | null;
  readonly run: { readonly number: number; readonly status: string } | null;
  readonly version: { readonly model: string; readonly version: number } | null;
  readonly request: { readonly number: number; readonly status: string } | null;
}

/** What a retraining would do, said before it is started. */
export interface RetrainingPlan {
  readonly possible: boolean;
  /** Why not, as a sentence; null when it is possible. */
  readonly reason: string | null;
  readonly pipeline: string;
  readonly dataset: string | null;
  /** The version that captured rows are added to. */
  readonly basedOn: number | null;
  readonly baseRows: number;
  /** Captured predictions with an outcome that would be added. 0: the pipeline runs on the newest version as it is. */
  readonly capturedRows: number;
  readonly nextVersion: number | null;
  /** "June 2013" of the last row that would be added. */
  readonly until: string;
  readonly reviewers: readonly string[];
}

export type MonitorState = "alerting" | "healthy" | "waiting" | "paused" | "failing";

export interface MonitorSummary {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly model: string;
  readonly window: WindowLength;
  readonly mode: RetrainMode;
  readonly enabled: boolean;
  readonly state: MonitorState;
  readonly problem: string | null;
  readonly checkedAt: string | null;
  readonly openAlerts: number;
  readonly lastWindow: {
    readonly label: string;
    readonly rows: number;
    readonly drifted: number;
    readonly judged: number;
    readonly quality: { readonly metric: MetricName; readonly value: number; readonly n: number } | null;
  } | null;
  /** The main performance figure of the windows, oldest first; of the share of drifted features where no outcome is known. */
  readonly spark: { readonly label: string; readonly values: readonly (number | null)[] };
}

/** A line across the charts. */
export interface MonitorEvent {
  /** Milliseconds since 1970, on the axis of event time. */
  readonly at: number;
  readonly kind: "promotion" | "alert";
  readonly label: string;
}

export interface MonitorDetail extends MonitorSummary {
  readonly config: MonitorConfig;
  readonly origin:
    | { readonly kind: "file"; readonly path: string; readonly commit: string }
    | { readonly kind: "person" };
  /** Of the last windows, oldest first. */
  readonly windows: readonly WindowDto[];
  readonly alerts: readonly AlertDto[];
  readonly events: readonly MonitorEvent[];
  /** All features that a monitor of this endpoint can watch. */
  readonly features: readonly string[];
}

export interface EndpointOption {
  readonly name: string;
  readonly model: string;
}
