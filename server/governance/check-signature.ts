import { AppError } from "#server/kernel/errors.ts";
import { compareSignatures, servingProblems } from "#server/registry/contract.ts";
import type { CheckKind } from "./check-kinds.ts";
import type { PolicyCheck } from "./contract.ts";

/** Whether those who call the endpoint today could go on calling it unchanged. A first champion must only be servable. */
export const checkSignature: CheckKind<Extract<PolicyCheck, { type: "signature" }>> = ({ challenger, champion }) => {
  if (!challenger.signature)
    throw new AppError(
      "invalid_input",
      "The version has no signature, because it has neither an ONNX file nor an MLflow model that states one.",
      {
        field: "version",
        value: challenger.version,
      },
    );
  const problems = servingProblems(challenger.signature).map((sentence) => ({ breaking: true, sentence }));
  const found = champion?.signature
    ? compareSignatures(champion.signature, challenger.signature).map(({ breaking, sentence }) => ({
        breaking,
        sentence,
      }))
    : [];
  const differences = [...problems, ...found];
  const breaking = differences.filter((difference) => difference.breaking);
  const evidence = { kind: "signature" as const, against: champion?.version ?? null, differences };
  const said = champion
    ? `Callers of version ${champion.version} can go on unchanged`
    : "The endpoint can serve it; there are no callers yet";
  const first = breaking[0]?.sentence ?? "";
  return Promise.resolve({
    state: breaking.length === 0 ? ("passed" as const) : ("failed" as const),
    verdict: null,
    summary:
      breaking.length === 0
        ? `${said}.`
        : breaking.length === 1
          ? first
          : `${breaking.length} breaking differences, the first: ${first}`,
    evidence,
  });
};
