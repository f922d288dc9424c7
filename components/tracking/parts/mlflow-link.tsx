"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { api } from "#components/ui/api.ts";
import { toast } from "#components/ui/toast.tsx";
import { mlflowAddress, mlflowRun } from "./mlflow-address.ts";

/**
 * MLflow clients end a run by printing `<tracking address>/#/experiments/3/runs/<id>`. Placed on the pages that a tracking address names, "/" and
 * a project's own, this leads such a link to what it means. Without a project only a run is known: experiments are counted per project.
 */
export function MlflowLink({ project }: { readonly project?: string }) {
  const router = useRouter();
  useEffect(() => {
    const { hash } = window.location;
    if (project !== undefined) {
      const address = mlflowAddress(project, hash);
      if (address !== null) router.replace(address);
      return;
    }
    const run = mlflowRun(hash);
    if (run === null) return;
    api<{ project: string }>(`/api/v1/runs/${run}`).then(
      (found) => router.replace(`/p/${found.project}/experiments/runs/${run}`),
      (error: unknown) => toast.error(error),
    );
  }, [router, project]);
  return null;
}
