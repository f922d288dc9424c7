import { PipelineStatus } from "#components/pipelines/parts/step-status.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { Card, Section } from "#components/ui/card.tsx";
import { Duration, Elapsed, Time } from "#components/ui/values.tsx";
import type { Home, InProject } from "#server/overview/contract.ts";
import type { RunSummary } from "#server/pipelines/contract.ts";
import { RequestLine } from "./home-reviews.tsx";

/** A data scientist's own work: what runs, what failed, where the own requests stand, and what others said. */
export function HomeScience({ science }: { science: NonNullable<Home["science"]> }) {
  const { running, failed, requests, comments } = science;
  return (
    <Section title="Your work">
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Runs title="Running" runs={running} none="No pipeline runs now." />
        <Runs title="Failed in the last 7 days" runs={failed} none="None of your pipeline runs failed." />
      </div>
      <Card title="Your promotion requests" padded={false}>
        {requests.length === 0 ? (
          <p className="px-3 py-3 text-sm text-muted">
            None is open. Open a model version and press Request promotion to start one.
          </p>
        ) : (
          <ul className="divide-y">
            {requests.map((request) => (
              <RequestLine key={request.item.id} request={request} />
            ))}
          </ul>
        )}
      </Card>
      <Card title="Comments on your requests">
        {comments.length === 0 ? (
          <p className="text-sm text-muted">Nobody has commented.</p>
        ) : (
          <ul className="space-y-2.5 text-sm">
            {comments.map((comment) => (
              <li key={comment.id}>
                <p className="text-muted">
                  <span className="font-medium text-text">{comment.by}</span> on{" "}
                  <TextLink href={`/p/${comment.project.slug}/reviews/${comment.request}`}>
                    {comment.project.name} #{comment.request}
                  </TextLink>
                  , <Time at={comment.at} />
                </p>
                <p className="line-clamp-3 whitespace-pre-wrap">{comment.body}</p>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </Section>
  );
}

function Runs({ title, runs, none }: { title: string; runs: readonly InProject<RunSummary>[]; none: string }) {
  return (
    <Card title={title}>
      {runs.length === 0 ? (
        <p className="text-sm text-muted">{none}</p>
      ) : (
        <ul className="space-y-2 text-sm">
          {runs.map(({ project, item }) => (
            <li key={item.id}>
              <div className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
                <TextLink href={`/p/${project.slug}/pipelines/runs/${item.number}`} className="font-medium">
                  {item.pipeline} #{item.number}
                </TextLink>
                <PipelineStatus status={item.status} />
                <span className="text-muted">
                  {item.durationMs === null ? (
                    <>
                      {item.steps.done} of {item.steps.total} steps,{" "}
                      <Elapsed from={item.startedAt ?? item.createdAt} to={item.finishedAt} />
                    </>
                  ) : (
                    <Duration ms={item.durationMs} />
                  )}
                </span>
              </div>
              <div className="text-xs text-muted">
                {project.name}, <Time at={item.createdAt} />
                {item.error === null ? null : <span className="text-bad">: {item.error}</span>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
