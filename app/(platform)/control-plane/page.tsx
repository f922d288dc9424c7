import type { Metadata } from "next";
import { ControlPlaneTabs } from "#components/overview/control-plane.tsx";
import { RefreshEvery } from "#components/ui/refresh-every.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getControlPlane } from "#server/overview/index.ts";

export const metadata: Metadata = { title: "Control plane" };

export default async function ControlPlanePage() {
  const { actor } = await pageSession();
  const plane = await orNotFound(() => getControlPlane(actor, {}));
  return (
    <>
      <RefreshEvery seconds={10} />
      <PageHeader
        title="Control plane"
        meta="People get their platform roles from the identity provider; settings are read when the processes start."
      />
      <ControlPlaneTabs plane={plane} />
    </>
  );
}
