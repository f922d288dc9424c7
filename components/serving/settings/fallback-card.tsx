"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { ModelSignature, TensorSignature } from "#server/registry/contract.ts";
import type { EndpointDetail, Fallback } from "#server/serving/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input, Select } from "#components/ui/input.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { endpointPath } from "../queries.ts";
import { answerText, fallbackOf, type Typed, typedOf, widthOf } from "./fallback-values.ts";

/** So many values have a field each; an output of more has one field for all of them. */
const MOST_FIELDS = 32;

/** What callers get while no version can answer: the declared values, or a refusal. */
export function FallbackCard({
  project,
  endpoint,
  mayChange,
}: {
  project: string;
  endpoint: EndpointDetail;
  mayChange: boolean;
}) {
  const { fallback, signature, live, name } = endpoint;
  const [editing, setEditing] = useState(false);
  return (
    <Card
      title="Fallback answer"
      description="What every row is answered while the endpoint is stopped or no version can answer."
      actions={
        mayChange && signature && !editing ? (
          <>
            {fallback ? <TakeBack project={project} name={name} /> : null}
            <Button size="sm" onClick={() => setEditing(true)}>
              {fallback ? "Change" : "Declare an answer"}
            </Button>
          </>
        ) : undefined
      }
    >
      {editing && signature ? (
        <FallbackForm project={project} endpoint={endpoint} signature={signature} close={() => setEditing(false)} />
      ) : fallback && signature && live ? (
        <CodeBlock
          title="As a caller gets it (status 200, header X-Touchstone-Fallback: true)"
          code={answerText(name, live.version, fallback, signature)}
          maxHeight={320}
        />
      ) : (
        <p className="text-sm text-muted">
          {fallback
            ? "Declared, and shown once a version answers."
            : "None: such requests are refused with 503 and the reason."}
        </p>
      )}
    </Card>
  );
}

function FallbackForm({
  project,
  endpoint,
  signature,
  close,
}: {
  project: string;
  endpoint: EndpointDetail;
  signature: ModelSignature;
  close: () => void;
}) {
  const [typed, setTyped] = useState<Typed>(() => typedOf(endpoint.fallback, signature));
  const fallback = fallbackOf(typed, signature);
  const save = useMutation({
    mutationFn: () =>
      api<{ fallback: Fallback }>(endpointPath(project, endpoint.name, "/fallback"), {
        method: "PUT",
        body: { fallback },
      }),
    onSuccess: () => {
      close();
      toast.success("The fallback answer is declared");
      refreshPage();
    },
  });
  const fields = signature.outputs.flatMap(({ name }) => [
    `fallback.${name}`,
    ...(typed[name] ?? []).map((_, i) => `fallback.${name}[${i}]`),
  ]);
  return (
    <form
      className="grid items-start gap-4 lg:grid-cols-2"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <div className="space-y-4">
        {signature.outputs.map((output) => (
          <Output
            key={output.name}
            output={output}
            signature={signature}
            values={typed[output.name] ?? []}
            error={save.error}
            onChange={(values) => setTyped({ ...typed, [output.name]: values })}
          />
        ))}
        <FormError error={save.error} fields={fields} />
        <div className="flex gap-2">
          <Button type="submit" variant="primary" loading={save.isPending}>
            Save the answer
          </Button>
          <Button onClick={close}>Cancel</Button>
        </div>
      </div>
      <CodeBlock
        title="As a caller gets it"
        code={answerText(endpoint.name, endpoint.live?.version ?? 0, fallback, signature)}
        maxHeight={420}
      />
    </form>
  );
}

function Output({
  output,
  signature,
  values,
  error,
  onChange,
}: {
  output: TensorSignature;
  signature: ModelSignature;
  values: readonly string[];
  error: unknown;
  onChange: (values: string[]) => void;
}) {
  const { classes, roles } = signature;
  const field = `fallback.${output.name}`;
  const width = widthOf(output, signature);
  const set = (i: number, value: string) => onChange(values.map((old, at) => (at === i ? value : old)));
  if (width === null || width > MOST_FIELDS)
    return (
      <Field
        label={<code>{output.name}</code>}
        hint={`${width === null ? "The values" : `${width} values`} of one row (${output.datatype}), separated by commas.`}
        error={fieldError(error, field) ?? values.map((_, i) => fieldError(error, `${field}[${i}]`)).find(Boolean)}
      >
        <Input mono value={values.join(",")} onChange={(event) => onChange(event.target.value.split(","))} />
      </Field>
    );
  const isProbabilities = output.name === roles.probabilities && classes !== null;
  return (
    <fieldset className="space-y-2">
      <legend className="text-sm">
        <code className="font-medium">{output.name}</code>{" "}
        <span className="text-muted">
          {output.datatype}
          {output.name === roles.label ? ", the predicted class" : ""}
          {isProbabilities ? ", one probability per class" : ""}
          {output.name === roles.value ? ", the predicted number" : ""}
        </span>
      </legend>
      <div className={width > 1 ? "grid grid-cols-2 gap-2 sm:grid-cols-3" : ""}>
        {values.map((value, i) => {
          const isClass = output.name === roles.label && classes !== null;
          const name = isProbabilities ? (classes[i] ?? String(i)) : width > 1 ? `${output.name}[${i}]` : output.name;
          const options = isClass ? classes : output.datatype === "BOOL" ? ["true", "false"] : null;
          return (
            <Field
              key={i}
              label={name}
              hideLabel={width === 1}
              error={fieldError(error, `${field}[${i}]`) ?? (i === 0 ? fieldError(error, field) : undefined)}
            >
              {options ? (
                <Select
                  value={value}
                  placeholder="Choose"
                  onValueChange={(next) => set(i, next)}
                  options={options.map((one) => ({ value: one, label: one }))}
                />
              ) : (
                <Input
                  mono
                  inputMode={output.datatype === "BYTES" ? "text" : "decimal"}
                  value={value}
                  onChange={(event) => set(i, event.target.value)}
                />
              )}
            </Field>
          );
        })}
      </div>
    </fieldset>
  );
}

function TakeBack({ project, name }: { project: string; name: string }) {
  return (
    <ConfirmDialog
      title="Take the fallback answer back?"
      touches="While the endpoint is stopped or no version can answer, callers are refused with 503 from then on."
      action="Take back"
      danger
      onConfirm={async () => {
        await api(endpointPath(project, name, "/fallback"), { method: "PUT", body: { fallback: null } });
        toast.success("There is no fallback answer any more");
        refreshPage();
      }}
      trigger={<Button size="sm">Take back</Button>}
    />
  );
}
