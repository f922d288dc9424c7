"use client";

import { useMutation } from "@tanstack/react-query";
import { Tag, X } from "lucide-react";
import { useState } from "react";
import { isProtected, type VersionDto } from "#server/registry/contract.ts";
import { api } from "#components/ui/api.ts";
import { AliasBadge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Input } from "#components/ui/input.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";

/** Sets and removes free aliases of a version. Champion and challenger move by promotion alone. */
export function AliasDialog({ project, version }: { project: string; version: VersionDto }) {
  const [alias, setAlias] = useState("");
  const base = `/api/v1/projects/${project}/models/${encodeURIComponent(version.model)}/aliases`;
  const change = useMutation({
    mutationFn: ({ name, remove }: { name: string; remove: boolean }) =>
      api(
        `${base}/${encodeURIComponent(name)}`,
        remove ? { method: "DELETE" } : { method: "PUT", body: { version: String(version.version) } },
      ),
    onSuccess: () => {
      setAlias("");
      refreshPage();
    },
  });
  return (
    <Dialog
      title={`Aliases of version ${version.version}`}
      description="A free alias points to one version of the model; setting it here moves it from wherever it is. Champion and challenger are protected: request a promotion to move them."
      trigger={<Button icon={<Tag aria-hidden />}>Aliases</Button>}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ name: alias, remove: false });
        }}
      >
        {version.aliases.length > 0 ? (
          <ul className="flex flex-wrap gap-2">
            {version.aliases.map((name) => (
              <li key={name} className="flex items-center gap-1">
                <AliasBadge alias={name} />
                {isProtected(name) ? null : (
                  <IconButton
                    size="sm"
                    label={`Remove ${name}`}
                    icon={<X aria-hidden />}
                    onClick={() => {
                      change.mutate({ name, remove: true });
                    }}
                  />
                )}
              </li>
            ))}
          </ul>
        ) : null}
        <Field label="Alias" hint="Letters, digits, hyphens and underscores.">
          <Input
            mono
            value={alias}
            placeholder="baseline"
            onChange={(event) => {
              setAlias(event.target.value);
            }}
          />
        </Field>
        <FormError error={change.error} />
        <DialogFooter>
          <Button type="submit" variant="primary" disabled={alias === ""} loading={change.isPending}>
            Set alias
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
