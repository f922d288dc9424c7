"use client";

import { useMutation } from "@tanstack/react-query";
import { FolderPlus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { usePageCommands } from "#components/ui/commands.ts";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import { suggestSlug } from "./suggest-slug.ts";

/** Creates a project with an empty repository and goes to it. */
export function NewProjectDialog() {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [slug, setSlug] = useState("");
  const [description, setDescription] = useState("");
  usePageCommands(useMemo(() => [{ id: "new-project", label: "New project", run: () => setOpen(true) }], []));
  const chosen = slug || suggestSlug(name);
  const mutation = useMutation({
    mutationFn: () =>
      api<{ slug: string }>("/api/v1/projects", { method: "POST", body: { name, slug: chosen, description } }),
    onSuccess: (project) => {
      setOpen(false);
      toast.success(`${name} is there`, { detail: "Next: upload a dataset, or clone its repository." });
      router.push(`/p/${project.slug}`);
      router.refresh();
    },
  });
  return (
    <Dialog
      title="New project"
      description="A project holds its own data, repository, models and members. You become its first member."
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button variant="primary" icon={<FolderPlus aria-hidden />}>
          New project
        </Button>
      }
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          mutation.mutate();
        }}
      >
        <Field label="Name" required error={fieldError(mutation.error, "name")}>
          <Input value={name} onChange={(event) => setName(event.target.value)} placeholder="Flight delays" />
        </Field>
        <Field
          label="Short name"
          required
          hint="Part of addresses and of the clone line; it stays. Lower-case letters, digits and hyphens."
          error={fieldError(mutation.error, "slug")}
        >
          <Input
            mono
            value={slug}
            onChange={(event) => setSlug(event.target.value)}
            placeholder={suggestSlug(name) || "flight-delays"}
          />
        </Field>
        <Field
          label="Description"
          hint="What it predicts and for whom, in a sentence."
          error={fieldError(mutation.error, "description")}
        >
          <Textarea rows={2} value={description} onChange={(event) => setDescription(event.target.value)} />
        </Field>
        <FormError error={mutation.error} fields={["name", "slug", "description"]} />
        <DialogFooter>
          <Button
            type="submit"
            variant="primary"
            loading={mutation.isPending}
            disabled={name.trim() === "" || chosen === ""}
          >
            Create project
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
