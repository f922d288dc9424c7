"use client";

import { can } from "#server/identity/contract.ts";
import type { EndpointDetail } from "#server/serving/contract.ts";
import { ArmFigures } from "./arm-figures.tsx";
import { ReportSection } from "./report-section.tsx";
import { WhoAnswers } from "./who-answers.tsx";

/** Who answers now, what a split has shown, and the figures of each version that takes part. */
export function TrafficTab({
  project,
  endpoint,
  scopes,
}: {
  project: string;
  endpoint: EndpointDetail;
  scopes: readonly string[];
}) {
  return (
    <div className="space-y-6">
      <WhoAnswers project={project} endpoint={endpoint} mayChange={can(scopes, "serving:write")} />
      <ReportSection project={project} endpoint={endpoint} />
      <ArmFigures project={project} endpoint={endpoint} />
    </div>
  );
}
