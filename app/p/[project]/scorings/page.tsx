import type { Metadata } from "next";
import { ScoreDialog } from "#components/serving/parts/score-dialog.tsx";
import { ScoringTable } from "#components/serving/parts/scoring-table.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { can } from "#server/identity/contract.ts";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";
import { listScorings } from "#server/serving/index.ts";

export const metadata: Metadata = { title: "Batch scorings" };

interface Props {
  params: Promise<{ project: string }>;
}

export default async function ScoringsPage({ params }: Props) {
  const { project } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, { scorings }] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), listScorings(actor, project, { limit: 200 })]),
  );
  const dialog =
    can(scopes, "serving:predict") && can(scopes, "data:write") ? <ScoreDialog project={project} primary /> : undefined;
  return (
    <>
      <PageHeader
        title="Batch scorings"
        count={scorings.length}
        breadcrumb={[{ label: "Batch scorings" }]}
        meta="A dataset version through a model version; the predictions are a dataset version."
        actions={scorings.length > 0 ? dialog : undefined}
      />
      <ScoringTable project={project} initial={scorings} empty={dialog} />
    </>
  );
}
