import type { Metadata } from "next";
import { FileCheck2 } from "lucide-react";
import { RequestList } from "#components/governance/request-list.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { listRequests } from "#server/governance/index.ts";
import { orNotFound, pageSession } from "#server/http/page.ts";

export const metadata: Metadata = { title: "Reviews" };

interface Props {
  params: Promise<{ project: string }>;
}

export default async function ReviewsPage({ params }: Props) {
  const { project } = await params;
  const { actor } = await pageSession();
  const requests = await orNotFound(() => listRequests(actor, project, {}));
  return (
    <>
      <LiveRefresh topics={["reviews"]} />
      <PageHeader
        title="Reviews"
        count={requests.length}
        actions={
          <LinkButton href={`/p/${project}/reviews/policy`} icon={<FileCheck2 aria-hidden />}>
            Policy
          </LinkButton>
        }
      />
      <RequestList project={project} requests={requests} />
    </>
  );
}
