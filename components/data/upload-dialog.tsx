"use client";

import { useMutation } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { fieldError, upload } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FileDrop } from "#components/ui/file-drop.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { formatBytes } from "#components/ui/format.ts";
import { Input, Textarea } from "#components/ui/input.tsx";
import { ProgressBar } from "#components/ui/progress-bar.tsx";
import { toast } from "#components/ui/toast.tsx";

interface Added {
  readonly dataset: string;
  readonly version: number;
  readonly rows: number;
}
interface Progress {
  readonly done: number;
  readonly total: number;
}

/** A name that a file's own name suggests: "Flights 2013.csv" → "flights-2013". */
function suggested(fileName: string): string {
  return fileName
    .replace(/\.[^.]+$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
}

/**
 * Uploads a file: as the next version of `dataset`, or without it as the first version of a new dataset. A refused file names the line and column that is
 * wrong, and what was typed stays.
 */
export function UploadDialog({ project, dataset }: { project: string; dataset?: string }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [files, setFiles] = useState<File[]>([]);
  const [name, setName] = useState("");
  const [facts, setFacts] = useState({ source: "", licence: "", note: "" });
  const [progress, setProgress] = useState<Progress | null>(null);
  const [file] = files;
  const chosen = dataset ?? (name || (file ? suggested(file.name) : ""));

  const mutation = useMutation({
    mutationFn: async (): Promise<Added> => {
      if (!file) throw new Error("Choose a file first.");
      const base = `/api/v1/projects/${project}/datasets`;
      const created = dataset ? {} : { create: "1", source: facts.source, licence: facts.licence };
      const query = new URLSearchParams({ fileName: file.name, note: facts.note, ...created });
      return await upload<Added>(`${base}/${chosen}/versions?${query}`, file, {
        method: "PUT",
        onProgress: (done: number, total: number) => {
          setProgress({ done, total });
        },
      });
    },
    onSettled: () => {
      setProgress(null);
    },
    onSuccess: (added) => {
      setOpen(false);
      setFiles([]);
      toast.success(`Version ${added.version} of ${added.dataset} is there`, {
        detail: `${added.rows.toLocaleString("en-GB")} rows; its profile is being computed.`,
      });
      router.push(`/p/${project}/data/${added.dataset}`);
      router.refresh();
    },
  });

  return (
    <Dialog
      title={dataset ? `New version of ${dataset}` : "New dataset"}
      description="CSV (UTF-8, with a header) or Parquet, up to 5 GiB. The file is checked line by line before anything is stored."
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button variant="primary" icon={<Upload aria-hidden />}>
          {dataset ? "Upload version" : "Upload dataset"}
        </Button>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          mutation.mutate();
        }}
      >
        <FileDrop files={files} onFiles={setFiles} accept=".csv,.tsv,.parquet" hint="CSV or Parquet" />
        {dataset ? null : (
          <>
            <Field
              label="Name"
              required
              hint="Lower-case letters, digits and hyphens; part of addresses and pipelines."
              error={fieldError(mutation.error, "name")}
            >
              <Input
                mono
                value={name}
                placeholder={file ? suggested(file.name) : "flights"}
                onChange={(event) => {
                  setName(event.target.value);
                }}
              />
            </Field>
            <Field
              label="Source"
              hint="Where the data comes from, so that others can judge it."
              error={fieldError(mutation.error, "source")}
            >
              <Input
                value={facts.source}
                onChange={(event) => {
                  setFacts({ ...facts, source: event.target.value });
                }}
              />
            </Field>
            <Field label="Licence" error={fieldError(mutation.error, "licence")}>
              <Input
                value={facts.licence}
                placeholder="CC0-1.0"
                onChange={(event) => {
                  setFacts({ ...facts, licence: event.target.value });
                }}
              />
            </Field>
          </>
        )}
        <Field label="Note" hint="What is new or different in this file.">
          <Textarea
            rows={2}
            value={facts.note}
            onChange={(event) => {
              setFacts({ ...facts, note: event.target.value });
            }}
          />
        </Field>
        {progress ? (
          <ProgressBar
            label={progress.done < progress.total ? "Sending" : "Checking every line"}
            done={progress.done}
            total={progress.total}
            format={formatBytes}
          />
        ) : null}
        <FormError error={mutation.error} fields={["name", "source", "licence"]} />
        <DialogFooter>
          <Button type="submit" variant="primary" disabled={!file || !chosen} loading={mutation.isPending}>
            Upload
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
