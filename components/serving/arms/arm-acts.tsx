"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Shuffle, X } from "lucide-react";
import type { ArmDto, EndpointDetail } from "#server/serving/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { endpointPath } from "../queries.ts";
import { armPath } from "./arm-queries.ts";
import { ARM_IN_TEXT, shareText } from "./arm-words.ts";

/** Shows what an act has changed: the page from the server, and what was asked for by the browser. */
export function useChanged(project: string): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    refreshPage();
    await queries.invalidateQueries({ queryKey: [project, "endpoints"] });
  };
}

/** Takes a version out of the traffic. */
export function EndArm({ project, endpoint, arm }: { project: string; endpoint: EndpointDetail; arm: ArmDto }) {
  const changed = useChanged(project);
  const what = ARM_IN_TEXT[arm.kind];
  return (
    <ConfirmDialog
      title={`End ${what} of version ${arm.version}?`}
      touches={
        arm.kind === "shadow"
          ? "It stops scoring within a second. What it has predicted stays in the log."
          : `Within a second the champion answers the ${shareText(arm.share)} of the requests that version ${arm.version} answers now. What it has shown stays to be read.`
      }
      action={`End ${what}`}
      danger={arm.kind !== "shadow"}
      reason="optional"
      onConfirm={async (reason) => {
        await api(armPath(project, endpoint.name, arm.id, "/end"), { body: { reason } });
        toast.success(`Version ${arm.version} takes no part any more`);
        await changed();
      }}
      trigger={
        <Button size="sm" icon={<X aria-hidden />} aria-label={`End ${what} of version ${arm.version}`}>
          End
        </Button>
      }
    />
  );
}

/** Deals all keys to the arms anew. */
export function DealAnew({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const changed = useChanged(project);
  const answering = endpoint.arms.find((arm) => arm.kind !== "shadow");
  return (
    <ConfirmDialog
      title="Deal the requests anew?"
      touches={
        <>
          Which entity is answered by which version is drawn again, so that a comparison does not begin with those whom
          an earlier one has treated.{" "}
          {answering
            ? `Whoever is answered by version ${answering.version} may be answered by the champion from now on, and its report begins again.`
            : "Nothing is split now: it holds for the next A/B or canary."}
        </>
      }
      action="Deal anew"
      onConfirm={async () => {
        await api(endpointPath(project, endpoint.name, "/deal-anew"), { body: {} });
        toast.success("The requests are dealt anew");
        await changed();
      }}
      trigger={
        <Button size="sm" icon={<Shuffle aria-hidden />}>
          Deal anew
        </Button>
      }
    />
  );
}
