"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, ChevronRight, RotateCcw } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button, TextLink } from "#components/ui/button.tsx";
import { Section } from "#components/ui/card.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { fieldError } from "#components/ui/api.ts";
import { Input } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Checkbox } from "#components/ui/toggle.tsx";
import { setSearchParams } from "#components/ui/url-state.ts";
import { Time } from "#components/ui/values.tsx";
import type { ReproductionDto } from "#server/pipelines/contract.ts";
import { ComparedValues } from "./compared-values.tsx";
import { reproduceRun, reproductionsQuery } from "./origin-queries.ts";

const TONES = { running: "info", equal: "good", different: "bad", failed: "warn" } as const;
const WORDS = { running: "running", equal: "equal", different: "different", failed: "not compared" } as const;

/** Asks for the tolerance and has the run made once more. */
export function ReproduceButton({ project, run }: { project: string; run: string }) {
  const [open, setOpen] = useState(false);
  const [absolute, setAbsolute] = useState("1e-9");
  const [relative, setRelative] = useState("1e-6");
  const [histories, setHistories] = useState(false);
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: () => reproduceRun(project, run, { absolute, relative, histories }),
    onSuccess: async ({ pipelineRun }) => {
      setOpen(false);
      setSearchParams({ tab: "origin" });
      toast.success(`The run is made once more, as pipeline run ${pipelineRun}`);
      await client.invalidateQueries({ queryKey: [project, "runs"] });
    },
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    mutation.mutate();
  };
  return (
    <Dialog
      title="Reproduce the run"
      description="Runs its pipeline again with the same commit, parameters, dataset versions and packages, every step anew; nothing is registered. Then the two are compared."
      open={open}
      onOpenChange={setOpen}
      trigger={<Button icon={<RotateCcw aria-hidden />}>Reproduce</Button>}
    >
      <form onSubmit={submit} className="space-y-4">
        <p className="text-sm text-muted">
          Metrics count as equal when they differ by no more than absolute + relative · value.
        </p>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Absolute" error={fieldError(mutation.error, "absolute")}>
            <Input mono value={absolute} onChange={(event) => setAbsolute(event.target.value)} inputMode="decimal" />
          </Field>
          <Field label="Relative" error={fieldError(mutation.error, "relative")}>
            <Input mono value={relative} onChange={(event) => setRelative(event.target.value)} inputMode="decimal" />
          </Field>
        </div>
        <Checkbox
          label="Compare whole histories, not only the last values"
          checked={histories}
          onCheckedChange={(on) => setHistories(on)}
        />
        <FormError error={mutation.error} fields={["absolute", "relative"]} />
        <DialogFooter>
          <Button type="submit" variant="primary" loading={mutation.isPending}>
            Run it again
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

/** How often the run was made again, and what came of it. */
export function RunReproductions({ project, run }: { project: string; run: string }) {
  const query = useQuery({
    ...reproductionsQuery(project, run),
    refetchInterval: ({ state }) => (state.data?.some((one) => one.status === "running") === true ? 2000 : false),
  });
  return (
    <Section title="Reproductions" description="Made once more with everything pinned, and compared">
      {query.isPending ? (
        <Skeleton className="h-10 w-full" />
      ) : query.error ? (
        <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.length === 0 ? (
        <p className="rounded-md border bg-surface px-3 py-3 text-sm text-muted">Nobody has made this run again yet.</p>
      ) : (
        <ul aria-label="Reproductions" className="divide-y rounded-md border bg-surface">
          {query.data.map((one, i) => (
            <Reproduction
              key={one.id}
              project={project}
              run={run}
              one={one}
              open={i === 0 && one.status === "different"}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Reproduction(props: { project: string; run: string; one: ReproductionDto; open: boolean }) {
  const { project, run, one } = props;
  const [toggled, setToggled] = useState<boolean | null>(null);
  const open = toggled ?? props.open;
  const Chevron = open ? ChevronDown : ChevronRight;
  const other = one.originalRunId === run ? one.runId : one.originalRunId;
  const { absolute, relative, histories } = one.tolerance;
  return (
    <li>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-sm">
        <Badge tone={TONES[one.status]}>{WORDS[one.status]}</Badge>
        <span className="min-w-0 flex-1 basis-72">
          {one.originalRunId === run ? null : <span className="text-muted">This run is a repetition. </span>}
          {one.summary ?? "Running the pipeline again…"}
        </span>
        <TextLink href={`/p/${project}/pipelines/runs/${one.pipelineRun}`}>run {one.pipelineRun}</TextLink>
        {other === null ? null : (
          <TextLink href={`/p/${project}/experiments/compare?runs=${one.originalRunId},${one.runId ?? ""}`}>
            compare
          </TextLink>
        )}
        <span className="text-xs text-muted">
          {one.createdBy}, <Time at={one.createdAt} />
        </span>
        {one.result ? (
          <Button
            size="sm"
            variant="ghost"
            icon={<Chevron aria-hidden />}
            aria-expanded={open}
            onClick={() => setToggled(!open)}
          >
            Details
          </Button>
        ) : null}
      </div>
      {open && one.result ? (
        <div className="space-y-2 px-3 pb-3">
          <p className="text-xs text-muted">
            Tolerance {absolute} + {relative} · value, {histories ? "last values and histories" : "last values"}.
            Environment and machine explain differences; they do not count themselves.
          </p>
          <ComparedValues result={one.result} />
        </div>
      ) : null}
    </li>
  );
}
