import { z } from "zod";
import { defineJob } from "#server/platform/jobs.ts";

const evaluation = z.object({ projectId: z.string(), evaluationId: z.string() });
export type EvaluationRef = z.infer<typeof evaluation>;
const upload = z.object({ projectId: z.string(), runId: z.string(), artifact: z.string(), sha256: z.string() });
export type UploadRef = z.infer<typeof upload>;
const importance = z.object({ projectId: z.string(), importanceId: z.string() });
export type ImportanceRef = z.infer<typeof importance>;

/** Computes what an evaluation asks for. */
export const computeEvaluation = defineJob({
  name: "tracking.compute-evaluation",
  payload: evaluation,
  key: (p) => p.evaluationId,
  role: "monitoring",
  retries: 1,
  handler: async () => (await import("./compute-evaluation.ts")).computeEvaluationJob,
});

/** Evaluates a file that a run logged where predictions are expected. */
export const evaluateUpload = defineJob({
  name: "tracking.evaluate-upload",
  payload: upload,
  key: (p) => `${p.runId} ${p.artifact} ${p.sha256}`,
  role: "monitoring",
  retries: 1,
  handler: async () => (await import("./evaluate-upload.ts")).evaluateUploadJob,
});

/** Grows the forest that says which parameters go with a metric. */
export const computeImportance = defineJob({
  name: "tracking.compute-importance",
  payload: importance,
  key: (p) => p.importanceId,
  role: "monitoring",
  handler: async () => (await import("./compute-importance.ts")).computeImportanceJob,
});

export const jobs = [computeEvaluation, evaluateUpload, computeImportance];
