import type { Metadata } from "next";
import { AlertPage } from "#components/monitoring/alert-page.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getAlert } from "#server/monitoring/index.ts";
import { getProject } from "#server/projects/index.ts";

interface Props {
  params: Promise<{ project: string; number: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Alert ${(await params).number}` };
}

export default async function Page({ params }: Props) {
  const { project, number } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, alert] = await orNotFound(() =>
    Promise.all([
      getProject(actor, project, {}),
      getAlert(actor, project, { number: /^\d{1,9}$/.test(number) ? number : 0x7fffffff }),
    ]),
  );
  return <AlertPage project={project} alert={alert} scopes={scopes} />;
}
