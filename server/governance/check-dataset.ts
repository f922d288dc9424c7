import { openVersion } from "#server/data/index.ts";
import { Validation } from "#server/data/contract.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { CheckKind } from "./check-kinds.ts";
import type { PolicyCheck } from "./contract.ts";

/** Whether the dataset version that the challenger learnt from keeps to what its dataset's owner expects of it. Unchecked data never passes. */
export const checkDataset: CheckKind<Extract<PolicyCheck, { type: "dataset" }>> = async ({
  db,
  projectId,
  check,
  challenger,
}) => {
  const trainedOn = challenger.dataset;
  const version = await openVersion(
    db,
    projectId,
    trainedOn?.name === check.dataset ? trainedOn.versionId : check.dataset,
  );
  const row = await db.datasetVersion.findUniqueOrThrow({
    where: { id: version.id },
    select: { validation: true, profileState: true },
  });
  const name = `${version.name} version ${version.version}`;
  if (row.validation === null) {
    const waiting = row.profileState === "queued" || row.profileState === "running";
    throw new AppError(
      waiting ? "unavailable" : "invalid_input",
      waiting ? `${name} is still being checked.` : `${name} was never checked against its expectations.`,
      { remedy: "Run the checks again once its profile is there." },
    );
  }
  const { rules } = Validation.parse(row.validation);
  const failed = rules.filter((rule) => !rule.passed).map(({ text, observed }) => ({ text, observed }));
  const evidence = {
    kind: "dataset" as const,
    dataset: { name: version.name, version: version.version, sha256: version.sha256 },
    rules: rules.length,
    failed,
  };
  if (rules.length === 0)
    return {
      state: "failed",
      verdict: null,
      summary: `Nothing is expected of ${version.name}, so nothing was checked. State its expectations on the dataset's page.`,
      evidence,
    };
  const summary =
    failed.length === 0
      ? `${name} keeps to all ${rules.length} expectations.`
      : `${name} breaks ${failed.length} of ${rules.length} expectations: ${failed[0]?.text ?? ""} (${failed[0]?.observed ?? ""}).`;
  return { state: failed.length === 0 ? "passed" : "failed", verdict: null, summary, evidence };
};
