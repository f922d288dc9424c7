"use client";

import { useMutation } from "@tanstack/react-query";
import { Percent } from "lucide-react";
import { useState } from "react";
import type { ArmDto, EndpointDetail } from "#server/serving/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import { useChanged } from "./arm-acts.tsx";
import { armPath } from "./arm-queries.ts";
import { percentOf, shareOf, shareText } from "./arm-words.ts";

/** Changes which share of the requests a canary answers. */
export function ChangeShare({ project, endpoint, arm }: { project: string; endpoint: EndpointDetail; arm: ArmDto }) {
  const changed = useChanged(project);
  const [open, setOpen] = useState(false);
  const [percent, setPercent] = useState(percentOf(arm.share));
  const share = shareOf(percent);
  const isShare = share > 0 && share <= 1;
  const save = useMutation({
    mutationFn: () =>
      api(armPath(project, endpoint.name, arm.id), {
        method: "PATCH",
        // What is no number goes as it was typed, so that the refusal names it.
        body: { share: Number.isNaN(share) ? percent : share },
      }),
    onSuccess: async () => {
      setOpen(false);
      toast.success(`Version ${arm.version} answers ${shareText(share)}`);
      await changed();
    },
  });
  return (
    <Dialog
      title={`Share of version ${arm.version}`}
      description={`The canary answers ${shareText(arm.share)} of the requests now.`}
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setPercent(percentOf(arm.share));
        save.reset();
      }}
      trigger={
        <Button size="sm" icon={<Percent aria-hidden />} aria-label={`Change the share of version ${arm.version}`}>
          Share
        </Button>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Field label="Share of the requests (%)" error={fieldError(save.error, "share")}>
          <Input inputMode="decimal" value={percent} onChange={(event) => setPercent(event.target.value)} />
        </Field>
        <p className="rounded-md bg-raised px-3 py-2 text-sm" role="status">
          {!isShare
            ? "Say a share above 0% and up to 100%."
            : share >= arm.share
              ? `Whoever version ${arm.version} answers keeps it; others are added until it answers ${shareText(share)}.`
              : `Version ${arm.version} keeps those who had it first, until it answers ${shareText(share)}; the champion answers the others again.`}{" "}
          Its report begins again with the new share.
        </p>
        <FormError error={save.error} fields={["share"]} />
        <DialogFooter>
          <Button type="submit" variant="primary" loading={save.isPending}>
            Change share
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
