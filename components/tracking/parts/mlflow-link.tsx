"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { api } from "#components/ui/api.ts";
import { toast } from "#components/ui/toast.tsx";

/**
 * MLflow clients end a run by printing `<server>/#/experiments/3/runs/<id>`. Placed on the page at "/", this leads such a link to the run. An
 * experiment alone is counted per project, so a link to one stays where it is.
 */
export function MlflowLink() {
  const router = useRouter();
  useEffect(() => {
    const run = /^#\/experiments\/\d+\/runs\/([0-9a-f]{32})/.exec(window.location.hash)?.[1];
    if (run === undefined) return;
    api<{ project: string }>(`/api/v1/runs/${run}`).then(
      ({ project }) => router.replace(`/p/${project}/experiments/runs/${run}`),
      (error: unknown) => toast.error(error),
    );
  }, [router]);
  return null;
}
