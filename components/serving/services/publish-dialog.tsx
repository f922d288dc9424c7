"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { SERVICE_LIMITS } from "#server/serving/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input, Select, Textarea } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import { publishableQuery } from "./queries.ts";

const FIELDS = ["path", "commit", "note", "memoryMb", "timeoutMs"];

/** Publishes a file of the default branch as a service, or its newest commit in place of the one that answers. */
export function PublishDialog({ project, path: given }: { project: string; path?: string }) {
  const router = useRouter();
  const [pressed, setPressed] = useState(false);
  // The workbench sends here with the file that is open there.
  const asked = useSearch().get("publish") ?? "";
  const open = pressed || (given === undefined && asked !== "");
  const setOpen = (next: boolean) => {
    setPressed(next);
    if (!next && asked !== "") setSearchParams({ publish: null });
  };
  const files = useQuery({ ...publishableQuery(project), enabled: open });
  const [facts, setFacts] = useState({
    path: given ?? "",
    note: "",
    memory: String(SERVICE_LIMITS.memoryMb.usual),
    timeout: String(SERVICE_LIMITS.timeoutMs.usual / 1000),
  });
  const change = (part: Partial<typeof facts>) => setFacts({ ...facts, ...part });
  const wanted = facts.path === "" ? asked : facts.path;
  const chosen = files.data?.files.find((file) => wanted === "" || file.path === wanted);
  const isAbsent = files.data !== undefined && chosen === undefined;
  const publish = useMutation({
    mutationFn: () =>
      api<{ name: string; number: number }>(`/api/v1/projects/${encodeURIComponent(project)}/services`, {
        body: {
          path: chosen?.path ?? facts.path,
          note: facts.note,
          // The limits of a service that is there already are changed on its page.
          ...(chosen?.published === null
            ? { memoryMb: Number(facts.memory), timeoutMs: Number(facts.timeout) * 1000 }
            : {}),
        },
      }),
    onSuccess: ({ name, number }) => {
      setOpen(false);
      toast.success(`${name} is published (${number})`, { detail: "It answers as soon as its code is loaded." });
      router.push(`/p/${project}/services/${encodeURIComponent(name)}`);
      router.refresh();
    },
  });
  const isNew = chosen?.published === null;
  const isPublished = chosen !== undefined && chosen.published === files.data?.commit;
  return (
    <Dialog
      title={given ? `Publish ${given} anew` : "Publish a service"}
      description="The newest commit of main is pinned: what is pushed later changes nothing until it is published. Nobody publishes their own code."
      open={open}
      onOpenChange={setOpen}
      trigger={<Button icon={<Upload aria-hidden />}>{given ? "Publish newest commit" : "Publish service"}</Button>}
    >
      {files.error ? <ErrorNote error={files.error} /> : null}
      {files.data?.files.length === 0 ? (
        <p className="text-sm text-muted">
          main has no file services/&lt;name&gt;.ts or services/&lt;name&gt;.py. Write one in Code and commit it to
          main.
        </p>
      ) : (
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            publish.mutate();
          }}
        >
          <Field
            label="File"
            required
            hint={
              isAbsent
                ? `main has no ${wanted}: commit it there first.`
                : isPublished
                  ? "The newest commit of main is published. Commit a change first."
                  : undefined
            }
            error={fieldError(publish.error, "path")}
          >
            <Select
              value={chosen?.path ?? ""}
              placeholder="Choose a file"
              onValueChange={(path) => change({ path })}
              options={(files.data?.files ?? []).map(({ path, published }) => ({
                value: path,
                label: published === null ? path : `${path} (published at ${published.slice(0, 10)})`,
              }))}
            />
          </Field>
          <Field label="What is new" hint="For those who look later." error={fieldError(publish.error, "note")}>
            <Textarea rows={2} value={facts.note} onChange={(event) => change({ note: event.target.value })} />
          </Field>
          {isNew ? (
            <div className="grid grid-cols-2 gap-3">
              <Field
                label="Memory (MB)"
                hint="Over it the process is ended."
                error={fieldError(publish.error, "memoryMb")}
              >
                <Input
                  inputMode="numeric"
                  value={facts.memory}
                  onChange={(event) => change({ memory: event.target.value })}
                />
              </Field>
              <Field label="Time limit (s)" hint="Of one request." error={fieldError(publish.error, "timeoutMs")}>
                <Input
                  inputMode="decimal"
                  value={facts.timeout}
                  onChange={(event) => change({ timeout: event.target.value })}
                />
              </Field>
            </div>
          ) : null}
          <FormError error={publish.error} fields={FIELDS} />
          <DialogFooter>
            <Button type="submit" variant="primary" disabled={!chosen || isPublished} loading={publish.isPending}>
              Publish
            </Button>
          </DialogFooter>
        </form>
      )}
    </Dialog>
  );
}
