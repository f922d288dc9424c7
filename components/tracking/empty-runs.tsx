"use client";

import { FlaskConical } from "lucide-react";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { useOrigin } from "./use-origin.ts";

/** How a first run comes here, with the reader's own address. */
export function EmptyRuns({ project, experiment }: { project: string; experiment: string | null }) {
  const origin = useOrigin();
  const shell = `export MLFLOW_TRACKING_URI=${origin}\nexport MLFLOW_TRACKING_TOKEN=<a token with tracking:write>`;
  const chosen = experiment === null || experiment === "Default" ? "" : `mlflow.set_experiment("${experiment}")\n`;
  const python = `import mlflow\n\n${chosen}with mlflow.start_run():\n    mlflow.log_param("depth", 6)\n    mlflow.log_metric("accuracy", 0.93)`;
  return (
    <div className="mx-auto max-w-2xl pb-6">
      <EmptyState
        icon={<FlaskConical aria-hidden />}
        action={
          <LinkButton href={`/p/${project}/settings?tab=tokens`} variant="secondary" size="sm">
            Create a token
          </LinkButton>
        }
      >
        No run yet. Log one with the mlflow package you know; only two settings lead it here. Pipelines set them by
        themselves.
      </EmptyState>
      <div className="grid gap-3 px-4">
        <CodeBlock code={shell} title="Shell" />
        <CodeBlock code={python} title="Python" />
      </div>
    </div>
  );
}
