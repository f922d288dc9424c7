"use client";

import { useMutation } from "@tanstack/react-query";
import { RotateCw, ScanSearch } from "lucide-react";
import type { VersionDto } from "#server/registry/contract.ts";
import { api } from "#components/ui/api.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { GoldenFacts, WorstRow } from "./parts/golden-facts.tsx";

/** Works as it stands in a script with a fitted scikit-learn classifier; the names of outputs are those of the ONNX file. */
const SNIPPET = `rows = X.sample(20)  # and the unusual ones: missing numbers, categories nobody knows
mlflow.log_dict(
    {
        "inputs": {c: [None if v != v else v for v in rows[c].tolist()] for c in rows},
        "outputs": {"probabilities": pipeline.predict_proba(rows).tolist()},
        "tolerance": {"absolute": 1e-5, "relative": 1e-5},
    },
    "touchstone/golden.json",
)`;

interface Props {
  readonly project: string;
  readonly version: VersionDto;
  readonly editable: boolean;
}

function useComparison({ project, version }: Pick<Props, "project" | "version">) {
  return useMutation({
    mutationFn: () =>
      api(
        `/api/v1/projects/${project}/models/${encodeURIComponent(version.model)}/versions/${version.version}/golden`,
        {
          method: "POST",
          body: {},
        },
      ),
    onSuccess: () => {
      refreshPage();
    },
  });
}

/** Whether the version's file answers as the training framework did. Without golden rows: how they are logged. */
export function GoldenCard({ project, version, editable }: Props) {
  const comparison = useComparison({ project, version });
  const { golden } = version;
  if (!golden)
    return (
      <Card
        title="Golden rows"
        description="Rows with the training framework's own answers, by which the file is proved wherever it is loaded."
        actions={
          editable ? (
            <Button
              size="sm"
              icon={<ScanSearch aria-hidden />}
              loading={comparison.isPending}
              onClick={() => {
                comparison.mutate();
              }}
            >
              Look again
            </Button>
          ) : undefined
        }
      >
        <div className="flex flex-col gap-3">
          <p className="text-muted">
            None were logged, so nobody can tell whether this file answers as the trained model did. Log them in the
            training script, before or after the model:
          </p>
          <CodeBlock title="train.py" code={SNIPPET} />
          <FormError error={comparison.error} />
        </div>
      </Card>
    );
  const { check } = golden;
  return (
    <Card
      title="Golden rows"
      description="Compared at registration and again wherever the file is loaded."
      actions={
        <>
          <GoldenBadge state={check?.state ?? "waiting"} />
          {editable && check !== null ? (
            <Button
              size="sm"
              icon={<RotateCw aria-hidden />}
              loading={comparison.isPending}
              onClick={() => {
                comparison.mutate();
              }}
            >
              Compare again
            </Button>
          ) : null}
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {check?.state === "failed" ? <p className="text-bad">{check.reason}</p> : null}
        {check?.state === "disagrees" ? (
          <>
            <p>
              The model does not answer as the training framework did. It cannot be promoted, and no endpoint loads it.
              Convert the model again, or log golden rows of this very model, and register a new version.
            </p>
            {check.worst ? <WorstRow worst={check.worst} /> : null}
          </>
        ) : null}
        <GoldenFacts golden={golden} />
        <FormError error={comparison.error} />
      </div>
    </Card>
  );
}

function GoldenBadge({ state }: { state: "agrees" | "disagrees" | "failed" | "waiting" }) {
  if (state === "agrees") return <Badge tone="good">agrees</Badge>;
  if (state === "disagrees") return <Badge tone="bad">disagrees</Badge>;
  if (state === "failed") return <Badge tone="bad">not comparable</Badge>;
  return <Badge tone="info">being compared</Badge>;
}
