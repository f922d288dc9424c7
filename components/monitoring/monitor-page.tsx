"use client";

import { Activity } from "lucide-react";
import type { MonitorDetail, WindowDto } from "#server/monitoring/contract.ts";
import { TextLink } from "#components/ui/button.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { Section } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Select } from "#components/ui/input.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { setSearchParams, useUrlState } from "#components/ui/url-state.ts";
import { Hash } from "#components/ui/copy.tsx";
import { Time } from "#components/ui/values.tsx";
import { can } from "#server/identity/contract.ts";
import { AlertsPanel } from "./alerts-panel.tsx";
import { DriftDetail } from "./drift-detail.tsx";
import { DriftTable } from "./drift-table.tsx";
import { MonitorActs } from "./edit-monitor.tsx";
import { Headline } from "./headline.tsx";
import { MonitorCharts } from "./monitor-charts.tsx";
import { LENGTHS, MODES, STATES } from "./words.ts";

const SPANS = [
  { value: "6", label: "Last 6 windows" },
  { value: "12", label: "Last 12 windows" },
  { value: "24", label: "Last 24 windows" },
  { value: "all", label: "Last 60 windows" },
];

/** The window in the URL, else the newest one with enough rows to be judged. */
function chosenWindow(windows: readonly WindowDto[], asked: string, minRows: number): WindowDto | undefined {
  return (
    windows.find((window) => window.startsAt.slice(0, 16) === asked) ??
    windows.findLast((window) => window.rows >= minRows) ??
    windows.at(-1)
  );
}

/** The dashboard of one monitor: is the endpoint still good, what moved, what is being done about it. */
export function MonitorPage({
  project,
  monitor,
  scopes,
}: {
  project: string;
  monitor: MonitorDetail;
  scopes: readonly string[];
}) {
  const [span] = useUrlState("span", "12");
  const [asked] = useUrlState("window", "");
  const shown = span === "all" ? monitor.windows : monitor.windows.slice(-Number(span) || -12);
  const window = chosenWindow(shown, asked, monitor.config.min_rows);
  const mayWrite = can(scopes, "monitoring:write");
  return (
    <>
      <LiveRefresh topics={["monitors", "pipelines", "reviews"]} />
      <PageHeader
        title={monitor.name}
        breadcrumb={[{ label: monitor.name }]}
        badge={<StatusBadge {...STATES[monitor.state]} />}
        meta={<Meta project={project} monitor={monitor} />}
        actions={mayWrite ? <MonitorActs project={project} monitor={monitor} /> : undefined}
      />
      {monitor.problem ? (
        <p role="alert" className="mb-4 rounded-md border border-l-4 border-l-bad bg-surface px-3 py-2">
          The windows cannot be computed: {monitor.problem}
        </p>
      ) : null}
      {window === undefined ? (
        <EmptyState icon={<Activity aria-hidden />} action={<NoTraffic project={project} />}>
          No traffic yet. Windows appear here seconds after the endpoint has answered its first requests; the sample
          projects can replay what really happened:
        </EmptyState>
      ) : (
        <div className="flex flex-col gap-6">
          <div className="flex flex-wrap items-center gap-2">
            <WindowPicker windows={shown} window={window} />
            <Select
              aria-label="Time range"
              className="w-44"
              options={SPANS}
              value={span}
              onValueChange={(value) => setSearchParams({ span: value === "12" ? null : value, window: null })}
            />
            <span className="text-xs text-muted">
              {window.reference ? (
                <>
                  Compared with{" "}
                  <TextLink href={`/p/${project}/data/${window.reference.name}?version=${window.reference.version}`}>
                    {window.reference.name} version {window.reference.version}
                  </TextLink>
                  , which version {window.versions[0]?.version} was trained on.
                </>
              ) : null}{" "}
              Computed <Time at={window.computedAt} />.
            </span>
          </div>
          <Headline windows={shown} window={window} config={monitor.config} />
          {window.notes.map((note) => (
            <p key={note} className="text-xs text-muted">
              {note}
            </p>
          ))}
          <AlertsPanel project={project} alerts={monitor.alerts} mayWrite={mayWrite} />
          <MonitorCharts monitor={monitor} windows={shown} />
          <Section
            title="Which features moved"
            description={`PSI of each feature in each window against what the champion was trained on; ${monitor.config.drift.psi} or more, or a Jensen-Shannon distance of ${monitor.config.drift.jensen_shannon} or more, counts if the test excludes chance. Choose a cell for the distributions and all methods.`}
          >
            <DriftTable windows={shown} window={window} />
          </Section>
          <DriftDetail project={project} monitor={monitor.name} windows={shown} />
        </div>
      )}
    </>
  );
}

function Meta({ project, monitor }: { project: string; monitor: MonitorDetail }) {
  return (
    <>
      <span>
        Endpoint <TextLink href={`/p/${project}/endpoints/${monitor.endpoint}`}>{monitor.endpoint}</TextLink>
      </span>
      <span>Windows of a {LENGTHS[monitor.window].toLowerCase()}, by the time of each event</span>
      <span>Retraining {MODES[monitor.mode]}</span>
      {monitor.origin.kind === "file" ? (
        <span>
          From {monitor.origin.path} at <Hash value={monitor.origin.commit} />
        </span>
      ) : null}
    </>
  );
}

function WindowPicker({ windows, window }: { windows: readonly WindowDto[]; window: WindowDto }) {
  return (
    <Select
      aria-label="Window"
      className="w-52"
      options={[...windows].reverse().map((each) => ({ value: each.startsAt.slice(0, 16), label: each.label }))}
      value={window.startsAt.slice(0, 16)}
      onValueChange={(value) => setSearchParams({ window: value })}
    />
  );
}

function NoTraffic({ project }: { project: string }) {
  return (
    <div className="w-full max-w-md text-left">
      <CodeBlock code={`npm run demo:traffic -- --project ${project}`} />
    </div>
  );
}
