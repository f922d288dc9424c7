"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Crosshair, Plus, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, type SyntheticEvent, useId, useState } from "react";
import { fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Input, Select } from "#components/ui/input.tsx";
import type { Direction, SelectionDto } from "#server/tracking/contract.ts";
import { chooseRun } from "./origin-queries.ts";
import { ExperimentSelections, GoOn, SelectionResult } from "./selection-list.tsx";

const DIRECTIONS = [
  { value: "maximize", label: "greatest" },
  { value: "minimize", label: "least" },
];
const LESS = /(loss|error|brier|mae|mse|rmse|latency|seconds|duration)/i;

interface ChooseRunProps {
  readonly project: string;
  /** Candidates: the experiment's runs that the filter keeps, or the runs that are selected. */
  readonly experiment: number | null;
  readonly filter?: string;
  readonly runs?: readonly string[];
  /** Names of metrics to offer. */
  readonly metrics: readonly string[];
  readonly trigger?: ReactNode;
}

/** A dialog that chooses one run by a rule. The rule is tried first, without a trace; recorded, it says for good which run was taken and why. */
export function ChooseRun({ trigger, ...props }: ChooseRunProps) {
  const [open, setOpen] = useState(false);
  const what = props.runs
    ? `${props.runs.length} selected runs`
    : props.filter
      ? "the runs that the filter keeps"
      : "all runs of the experiment";
  return (
    <Dialog
      title="Choose a run by a rule"
      description={`Among ${what}. Rule, candidates and result are recorded.`}
      open={open}
      onOpenChange={setOpen}
      size="lg"
      trigger={
        trigger ?? (
          <Button size="sm" icon={<Crosshair aria-hidden />}>
            Choose
          </Button>
        )
      }
    >
      {open ? <ChooseForm {...props} /> : null}
    </Dialog>
  );
}

function ChooseForm({ project, experiment, filter = "", runs, metrics }: Omit<ChooseRunProps, "trigger">) {
  const router = useRouter();
  const client = useQueryClient();
  const list = useId();
  const first = metrics.find((name) => /accuracy|auc|f1/i.test(name)) ?? metrics[0] ?? "";
  const [metric, setMetric] = useState(first);
  const [direction, setDirection] = useState<Direction>(LESS.test(first) ? "minimize" : "maximize");
  const [constraints, setConstraints] = useState("");
  const [ties, setTies] = useState<readonly { metric: string; direction: Direction }[]>([]);
  const [result, setResult] = useState<SelectionDto | null>(null);
  const mutation = useMutation({
    mutationFn: (preview: boolean) =>
      chooseRun(project, {
        metric,
        direction,
        constraints,
        tieBreak: ties.filter((tie) => tie.metric.trim() !== ""),
        preview,
        ...(experiment === null ? {} : { experiment }),
        ...(runs ? { runs } : { filter }),
      }),
    onSuccess: async (selection) => {
      setResult(selection);
      if (selection.id !== null) await client.invalidateQueries({ queryKey: [project, "runs", "selections"] });
    },
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    mutation.mutate(true);
  };
  const recorded = result !== null && result.id !== null;
  return (
    <form onSubmit={submit} className="space-y-4">
      <datalist id={list}>
        {metrics.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div className="grid gap-3 sm:grid-cols-[8rem_1fr]">
        <Field label="Take the">
          <Select
            value={direction}
            onValueChange={(value) => setDirection(value === "minimize" ? "minimize" : "maximize")}
            options={DIRECTIONS}
          />
        </Field>
        <Field label="Metric" required error={fieldError(mutation.error, "metric")}>
          <Input
            mono
            list={list}
            value={metric}
            onChange={(event) => {
              setMetric(event.target.value);
              if (metrics.includes(event.target.value))
                setDirection(LESS.test(event.target.value) ? "minimize" : "maximize");
            }}
          />
        </Field>
      </div>
      <Field
        label="Constraints"
        hint="As in the runs' filter: metrics.log_loss < 0.3 AND params.basis = 'linear'"
        error={fieldError(mutation.error, "constraints")}
      >
        <Input mono value={constraints} onChange={(event) => setConstraints(event.target.value)} />
      </Field>
      <div className="space-y-2">
        {ties.map((tie, i) => (
          <div key={i} className="flex items-end gap-2">
            <div className="w-32 shrink-0">
              <Field label={i === 0 ? "When equal, the" : "Then the"}>
                <Select
                  value={tie.direction}
                  onValueChange={(value) =>
                    setTies(
                      ties.map((one, k) =>
                        k === i ? { ...one, direction: value === "minimize" ? "minimize" : "maximize" } : one,
                      ),
                    )
                  }
                  options={DIRECTIONS}
                />
              </Field>
            </div>
            <Input
              mono
              aria-label={`Metric of tie-break ${i + 1}`}
              list={list}
              value={tie.metric}
              onChange={(event) =>
                setTies(ties.map((one, k) => (k === i ? { ...one, metric: event.target.value } : one)))
              }
            />
            <IconButton
              label="Take the tie-break out"
              icon={<X aria-hidden />}
              onClick={() => setTies(ties.filter((_, k) => k !== i))}
            />
          </div>
        ))}
        {ties.length < 5 ? (
          <Button
            size="sm"
            variant="ghost"
            icon={<Plus aria-hidden />}
            onClick={() => setTies([...ties, { metric: "", direction: "maximize" }])}
          >
            Add a tie-break
          </Button>
        ) : null}
      </div>
      <FormError error={mutation.error} fields={["metric", "constraints"]} />
      {result ? <SelectionResult project={project} selection={result} /> : null}
      {recorded ? (
        <p role="status" className="text-sm text-good">
          Recorded.
        </p>
      ) : null}
      {experiment === null ? null : (
        <details className="border-t pt-3 text-sm">
          <summary className="cursor-pointer text-muted">Choices made before</summary>
          <div className="mt-2">
            <ExperimentSelections project={project} experiment={experiment} />
          </div>
        </details>
      )}
      <DialogFooter>
        {recorded && result.chosen ? (
          <>
            <GoOn project={project} selection={result} />
            <Button
              size="sm"
              onClick={() => router.push(`/p/${project}/experiments/runs/${result.chosen?.runId ?? ""}`)}
            >
              Open the chosen run
            </Button>
          </>
        ) : (
          <>
            <Button type="submit" loading={mutation.isPending && mutation.variables}>
              Try the rule
            </Button>
            <Button
              variant="primary"
              loading={mutation.isPending && !mutation.variables}
              disabled={metric.trim() === ""}
              onClick={() => mutation.mutate(false)}
            >
              Choose and record
            </Button>
          </>
        )}
      </DialogFooter>
    </form>
  );
}
