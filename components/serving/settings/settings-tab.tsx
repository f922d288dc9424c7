"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { can } from "#server/identity/contract.ts";
import type { EndpointDetail } from "#server/serving/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Input } from "#components/ui/input.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { endpointPath } from "../queries.ts";
import { FallbackCard } from "./fallback-card.tsx";
import { LogRulesCard } from "./log-rules-card.tsx";

/** What is answered when nothing else can be, what the log keeps, and what latency is promised. Who may not change it reads it. */
export function SettingsTab({
  project,
  endpoint,
  scopes,
}: {
  project: string;
  endpoint: EndpointDetail;
  scopes: readonly string[];
}) {
  const mayChange = can(scopes, "serving:write");
  return (
    <div className="space-y-4">
      <FallbackCard project={project} endpoint={endpoint} mayChange={mayChange} />
      <LogRulesCard project={project} endpoint={endpoint} mayChange={mayChange} />
      <Card title="Latency budget" description="95 of 100 answers to a single row should take at most this long.">
        {mayChange ? (
          <BudgetForm project={project} endpoint={endpoint} />
        ) : (
          <p className="text-sm" data-number>
            {formatNumber(endpoint.latencyBudgetMs)} ms
          </p>
        )}
      </Card>
    </div>
  );
}

function BudgetForm({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const [budget, setBudget] = useState(String(endpoint.latencyBudgetMs));
  const save = useMutation({
    mutationFn: () =>
      api(endpointPath(project, endpoint.name), {
        method: "PATCH",
        body: { latencyBudgetMs: budget.trim() === "" ? null : Number(budget.replace(",", ".")) },
      }),
    onSuccess: () => {
      toast.success("The latency budget is changed");
      refreshPage();
    },
  });
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <Field className="w-44" label="Budget (ms)" error={fieldError(save.error, "latencyBudgetMs")}>
          <Input inputMode="decimal" value={budget} onChange={(event) => setBudget(event.target.value)} />
        </Field>
        <Button type="submit" loading={save.isPending} disabled={budget === String(endpoint.latencyBudgetMs)}>
          Save the budget
        </Button>
      </div>
      <p className="text-xs text-muted" data-number>
        {endpoint.lastHour.p95Ms === null
          ? "Nobody asked for a prediction in the last hour."
          : `In the last hour 95 of 100 answers took at most ${formatNumber(endpoint.lastHour.p95Ms)} ms.`}
      </p>
      <FormError error={save.error} fields={["latencyBudgetMs"]} />
    </form>
  );
}
