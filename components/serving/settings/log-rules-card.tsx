"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { featureColumns } from "#server/registry/contract.ts";
import { type EndpointDetail, type LogRules, RedactionRule } from "#server/serving/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { plural } from "#components/ui/format.ts";
import { Input, Select } from "#components/ui/input.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { percentOf, shareOf, shareText } from "../arms/arm-words.ts";
import { endpointPath } from "../queries.ts";

const WORDS: Readonly<Record<RedactionRule, string>> = { drop: "not logged", hash: "logged as a keyed hash" };

/** What the log keeps of the predictions: which share of them, and which columns not, or hashed. */
export function LogRulesCard({
  project,
  endpoint,
  mayChange,
}: {
  project: string;
  endpoint: EndpointDetail;
  mayChange: boolean;
}) {
  const { share, redaction } = endpoint.logRules;
  const [editing, setEditing] = useState(false);
  const ruled = Object.entries(redaction);
  return (
    <Card
      title="What the log keeps"
      description="From now on; what is logged already stays as it is."
      actions={
        mayChange && !editing ? (
          <Button size="sm" onClick={() => setEditing(true)}>
            Change the log
          </Button>
        ) : undefined
      }
    >
      {editing ? (
        <LogRulesForm project={project} endpoint={endpoint} close={() => setEditing(false)} />
      ) : (
        <KeyValue
          items={[
            {
              label: "Predictions",
              value: share >= 1 ? "all of them" : share === 0 ? "none" : `${shareText(share)}, chosen by their ids`,
            },
            {
              label: "Columns",
              value:
                ruled.length === 0 ? (
                  "all as they came"
                ) : (
                  <ul>
                    {ruled.map(([column, rule]) => (
                      <li key={column}>
                        <code className="text-xs">{column}</code> {WORDS[rule]}
                      </li>
                    ))}
                  </ul>
                ),
            },
          ]}
        />
      )}
    </Card>
  );
}

function LogRulesForm({ project, endpoint, close }: { project: string; endpoint: EndpointDetail; close: () => void }) {
  const { logRules, signature } = endpoint;
  const [percent, setPercent] = useState(percentOf(logRules.share));
  const [redaction, setRedaction] = useState<LogRules["redaction"]>(logRules.redaction);
  const { numbers, categories } = signature ? featureColumns(signature) : { numbers: [], categories: [] };
  // A rule of today may speak of a column that an earlier champion had.
  const former = Object.keys(logRules.redaction).filter((name) => ![...numbers, ...categories].includes(name));
  const share = shareOf(percent);
  const save = useMutation({
    mutationFn: () =>
      api<LogRules>(endpointPath(project, endpoint.name, "/log-rules"), {
        method: "PATCH",
        body: { share: Number.isNaN(share) ? percent : share, redaction },
      }),
    onSuccess: () => {
      close();
      toast.success("The log keeps what you chose from now on");
      refreshPage();
    },
  });
  const set = (column: string, rule: string) => {
    const others = Object.fromEntries(Object.entries(redaction).filter(([name]) => name !== column));
    const parsed = RedactionRule.safeParse(rule);
    setRedaction(parsed.success ? { ...others, [column]: parsed.data } : others);
  };
  const ruled = Object.keys(redaction).length;
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Field
        className="max-w-xs"
        label="Share of the predictions (%)"
        hint="All rows of a prediction are kept or none; answers do not change."
        error={fieldError(save.error, "share")}
      >
        <Input inputMode="decimal" value={percent} onChange={(event) => setPercent(event.target.value)} />
      </Field>
      <fieldset>
        <legend className="mb-1 text-sm font-medium">Columns</legend>
        <div className="grid gap-x-6 gap-y-2 md:grid-cols-2">
          {[...numbers, ...categories, ...former].map((column) => (
            <div key={column} className="grid grid-cols-[minmax(0,1fr)_11rem] items-center gap-2">
              <code className="truncate text-xs" title={column}>
                {column}
              </code>
              <Select
                size="sm"
                aria-label={`Rule of ${column}`}
                value={redaction[column] ?? ""}
                onValueChange={(rule) => set(column, rule)}
                options={[
                  { value: "", label: "as it came" },
                  { value: "drop", label: WORDS.drop },
                  // A hashed number could be found by trying all numbers, so it would be dropped.
                  ...(numbers.includes(column) ? [] : [{ value: "hash", label: WORDS.hash }]),
                ]}
              />
            </div>
          ))}
        </div>
      </fieldset>
      <p className="rounded-md bg-raised px-3 py-2 text-sm" role="status">
        {share === 0
          ? "Nothing is logged: monitoring, outcomes and reports see no prediction of this endpoint from now on."
          : share < 1
            ? `Monitoring and reports see ${shareText(share)} of the predictions; outcomes of the others find nothing.`
            : "Every prediction is logged."}
        {ruled > 0 ? ` Drift of ${plural(ruled, "column")} cannot be seen as before.` : ""}
      </p>
      <FormError error={save.error} fields={["share"]} />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" loading={save.isPending}>
          Save the rules
        </Button>
        <Button onClick={close}>Cancel</Button>
      </div>
    </form>
  );
}
