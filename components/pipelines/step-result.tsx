import type { StepResult } from "#server/pipelines/contract.ts";
import { TextLink } from "#components/ui/button.tsx";

/** What a built-in step has made: a model version, or the predictions of a batch scoring. */
export function StepResultLink({ project, result }: { project: string; result: StepResult }) {
  if ("modelName" in result)
    return (
      <TextLink href={`/p/${project}/models/${encodeURIComponent(result.modelName)}/${result.version}`}>
        {result.modelName} version {result.version}
      </TextLink>
    );
  return (
    <>
      <TextLink href={`/p/${project}/data/${result.dataset}?version=${result.version}`}>
        {result.dataset} version {result.version}
      </TextLink>{" "}
      by <TextLink href={`/p/${project}/scorings/${result.scoring}`}>batch scoring {result.scoring}</TextLink>
    </>
  );
}
