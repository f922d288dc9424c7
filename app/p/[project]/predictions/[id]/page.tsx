import type { Metadata } from "next";
import { PredictionPage } from "#components/serving/prediction-page.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { lookUpPrediction } from "#server/serving/index.ts";

interface Props {
  params: Promise<{ project: string; id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Prediction ${decodeURIComponent((await params).id)}` };
}

export default async function Page({ params }: Props) {
  const { project, id } = await params;
  const { actor } = await pageSession();
  const found = await orNotFound(() => lookUpPrediction(actor, project, { id: decodeURIComponent(id) }));
  return <PredictionPage project={project} found={found} />;
}
