"use client";

import { useQuery } from "@tanstack/react-query";
import { PackagePlus } from "lucide-react";
import { Button, LinkButton } from "#components/ui/button.tsx";
import { can } from "#server/identity/contract.ts";
import { PromotionDialog } from "./promotion-dialog.tsx";
import { RegisterRun } from "./register-run.tsx";
import { scopesQuery, versionsFromQuery } from "./run-queries.ts";

interface GoOnProps {
  readonly project: string;
  readonly run: { readonly id: string; readonly name: string };
  /** The recorded choice that took the run. */
  readonly selection: string;
  /** The choice in words. */
  readonly because: string;
}

/** What comes after a run was chosen: register its model, and once it is a version, request its promotion with the choice as a reason. */
export function GoOnWithRun({ project, run, selection, because }: GoOnProps) {
  const scopes = useQuery(scopesQuery(project));
  const versions = useQuery(versionsFromQuery(project, run.id));
  if (!scopes.data || !versions.data) return null;
  const [version] = versions.data;
  const may = { register: can(scopes.data, "registry:write"), request: can(scopes.data, "governance:request") };
  if (version === undefined)
    return may.register ? (
      <RegisterRun
        project={project}
        run={run}
        because={because}
        trigger={
          <Button size="sm" variant="primary" icon={<PackagePlus aria-hidden />}>
            Register model
          </Button>
        }
        next={(made) =>
          may.request ? (
            <PromotionDialog project={project} version={made} selection={selection} because={because} />
          ) : null
        }
      />
    ) : null;
  const { state, incomplete } = version;
  // A request of it is open: another would be refused.
  const asked = state === "candidate" || state === "challenger";
  const ready = incomplete.length === 0 && state !== "champion" && !asked;
  return (
    <>
      <LinkButton size="sm" href={`/p/${project}/models/${encodeURIComponent(version.model)}/${version.version}`}>
        {version.model} {version.version}
        {state === "champion" ? ", the champion" : asked ? ", in review" : incomplete.length > 0 ? ", incomplete" : ""}
      </LinkButton>
      {ready && may.request ? (
        <PromotionDialog project={project} version={version} selection={selection} because={because} size="sm" />
      ) : null}
    </>
  );
}
