"use client";

import { useMutation } from "@tanstack/react-query";
import { ArrowUpRight } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { VersionDto } from "#server/registry/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Textarea } from "#components/ui/input.tsx";

interface PromotionDialogProps {
  readonly project: string;
  readonly version: Pick<VersionDto, "model" | "version">;
  /** The recorded choice that took the version's run: it is shown to the reviewer. */
  readonly selection?: string | undefined;
  /** What stands in the reason before anybody writes. */
  readonly because?: string | undefined;
  readonly size?: "sm" | "md" | undefined;
}

/** Requests to make a version champion, saying what happens then. */
export function PromotionDialog({ project, version, selection, because = "", size }: PromotionDialogProps) {
  const router = useRouter();
  const [reason, setReason] = useState(because);
  const request = useMutation({
    mutationFn: () =>
      api<{ number: number }>(`/api/v1/projects/${project}/reviews`, {
        body: {
          model: version.model,
          version: String(version.version),
          reason,
          ...(selection === undefined ? {} : { selection }),
        },
      }),
    onSuccess: ({ number }) => {
      router.push(`/p/${project}/reviews/${number}`);
    },
  });
  return (
    <Dialog
      title={`Request promotion of ${version.model} version ${version.version}`}
      description="The platform carries out the policy's checks against the champion of now. When all pass, a reviewer other than you decides; approval makes this version champion and its endpoint serves it."
      trigger={
        <Button variant="primary" size={size} icon={<ArrowUpRight aria-hidden />}>
          Request promotion
        </Button>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          // It may stand inside the form of another dialog: React's events follow the tree, not the page.
          event.stopPropagation();
          request.mutate();
        }}
      >
        <Field label="Why" hint="What is better, and what the reviewer should look at.">
          <Textarea
            rows={4}
            value={reason}
            onChange={(event) => {
              setReason(event.target.value);
            }}
          />
        </Field>
        <FormError error={request.error} />
        <DialogFooter>
          <Button type="submit" variant="primary" loading={request.isPending}>
            Request promotion
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
