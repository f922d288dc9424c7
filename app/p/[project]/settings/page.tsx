import type { Metadata } from "next";
import { MembersCard } from "#components/identity/members-card.tsx";
import { TokensCard } from "#components/identity/tokens-card.tsx";
import { AuditTrail } from "#components/overview/audit-trail.tsx";
import { WebhooksCard } from "#components/registry/webhooks/webhooks-card.tsx";
import { RetentionCard } from "#components/tracking/retention-card.tsx";
import { ConnectCard } from "#components/projects/connect-card.tsx";
import { GeneralCard } from "#components/projects/general-card.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { gitUrl, orNotFound, pageSession } from "#server/http/page.ts";
import { can, Scope } from "#server/identity/contract.ts";
import { listMembers, listTokens } from "#server/identity/index.ts";
import { getProject } from "#server/projects/index.ts";

export const metadata: Metadata = { title: "Settings" };

type Props = { params: Promise<{ project: string }> };

export default async function SettingsPage({ params }: Props) {
  const { project: slug } = await params;
  const { actor } = await pageSession();
  const [project, members, tokens] = await orNotFound(() =>
    Promise.all([getProject(actor, slug, {}), listMembers(actor, slug, {}), listTokens(actor, slug, {})]),
  );
  const held = Scope.options.filter((scope) => can(project.scopes, scope));
  const manages = can(held, "members:write");
  const general = (
    <div className="space-y-4">
      <GeneralCard project={project} />
      <ConnectCard project={project} gitUrl={gitUrl(slug)} />
      {can(held, "tracking:read") ? <RetentionCard project={slug} writable={can(held, "project:write")} /> : null}
    </div>
  );
  return (
    <>
      <PageHeader title="Settings" />
      <Tabs
        label="Settings"
        tabs={[
          { id: "general", label: "General", content: general },
          {
            id: "members",
            label: "Members",
            count: members.length,
            content: <MembersCard project={slug} members={members} mayManage={manages} />,
          },
          {
            id: "tokens",
            label: "API tokens",
            content: <TokensCard project={slug} tokens={tokens} scopes={held} seesAll={manages} />,
          },
          can(held, "registry:webhooks") && {
            id: "webhooks",
            label: "Webhooks",
            content: <WebhooksCard project={slug} />,
          },
          can(held, "audit:read") && { id: "audit", label: "Audit", content: <AuditTrail project={slug} /> },
        ]}
      />
    </>
  );
}
