"use client";

import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { ProgressBar } from "#components/ui/progress-bar.tsx";
import type { EnvironmentDto } from "#server/pipelines/contract.ts";

const PHASES: Readonly<Record<string, string>> = {
  waiting: "Waiting for a worker",
  creating: "Creating the environment",
  resolving: "Finding out which packages are needed",
  downloading: "Fetching packages",
  installing: "Installing packages",
  ready: "Ready",
};

/** The Python environment of a run while it is built, and why it could not be. */
export function EnvironmentCard({ environment }: { environment: EnvironmentDto }) {
  const [open, setOpen] = useState(environment.status === "failed");
  const { progress, status } = environment;
  const known = progress.total > 0;
  const log = environment.log.trimEnd().split("\n").slice(-200);
  return (
    <Card
      title={`Python ${environment.python} environment`}
      description={
        environment.kind === "uv"
          ? "Built with uv, once for these requirements"
          : "Built with venv and pip, once for these requirements"
      }
      actions={
        environment.log === "" ? undefined : (
          <Button size="sm" variant="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide output" : "Show output"}
          </Button>
        )
      }
    >
      <div className="space-y-3">
        <ProgressBar
          label={status === "failed" ? "Failed" : (PHASES[progress.phase] ?? progress.phase)}
          done={progress.done}
          total={known ? progress.total : null}
          unit="packages"
          state={status === "failed" ? "failed" : status === "ready" ? "done" : "running"}
        />
        {environment.error === null ? null : <p className="text-sm text-bad">{environment.error}</p>}
        {open ? (
          <pre
            tabIndex={0}
            aria-label="Output of the build"
            className="max-h-72 overflow-auto rounded-md border bg-bg p-2.5 font-mono text-xs"
          >
            {log.join("\n")}
          </pre>
        ) : null}
      </div>
    </Card>
  );
}
