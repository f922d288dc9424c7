import { AppError } from "#server/kernel/errors.ts";
import { goldenReasons } from "#server/registry/contract.ts";
import type { CheckKind } from "./check-kinds.ts";
import type { PolicyCheck } from "./contract.ts";

/** Whether the challenger carries enough golden rows and its file answers them as the training framework did. */
export const checkGolden: CheckKind<Extract<PolicyCheck, { type: "golden" }>> = ({ check, challenger: { golden } }) => {
  if (golden && !golden.check)
    throw new AppError("unavailable", "The golden rows are still being compared with the file.", {
      remedy: "Run the checks again in a moment.",
    });
  const evidence = { kind: "golden" as const, minRows: check.min_rows, golden };
  const failed = (summary: string) => Promise.resolve({ state: "failed" as const, verdict: null, summary, evidence });
  if (!golden)
    return failed(
      "The version carries no golden rows, so nobody knows whether its file answers as the training framework did.",
    );
  const [reason] = goldenReasons(golden);
  if (reason) return failed(reason);
  if (golden.rows < check.min_rows)
    return failed(`It carries ${golden.rows} golden rows; the policy asks for ${check.min_rows}.`);
  const by = golden.framework ?? "the training framework";
  const rows = golden.rows === 1 ? "its golden row" : `all ${golden.rows} golden rows`;
  return Promise.resolve({
    state: "passed" as const,
    verdict: null,
    summary: `The file answers ${rows} as ${by} did.`,
    evidence,
  });
};
