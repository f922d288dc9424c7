"use client";

import { Cpu, FolderKanban, Package } from "lucide-react";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { Bytes, Duration, Time } from "#components/ui/values.tsx";
import type { PersonDto } from "#server/identity/contract.ts";
import type {
  ControlPlane,
  EnvironmentLine,
  ProjectLine,
  QueueLine,
  Setting,
  WorkerLine,
} from "#server/overview/contract.ts";

const people: Column<PersonDto>[] = [
  { id: "name", header: "Name", value: (p) => p.name, cell: (p) => <span className="font-medium">{p.name}</span> },
  {
    id: "handle",
    header: "Handle",
    value: (p) => p.handle,
    cell: (p) => <span className="font-mono">{p.handle}</span>,
  },
  { id: "email", header: "E-mail", value: (p) => p.email, grow: 2, width: 200 },
  {
    id: "roles",
    header: "Platform roles",
    value: (p) => p.platformRoles.join(", "),
    cell: (p) =>
      p.platformRoles.length === 0 ? (
        <span className="text-muted">none, so no project shows</span>
      ) : (
        <span className="flex gap-1">
          {p.platformRoles.map((role) => (
            <Badge key={role}>{role}</Badge>
          ))}
        </span>
      ),
    grow: 2,
    width: 220,
  },
  {
    id: "seen",
    header: "Last seen",
    value: (p) => p.lastSeenAt,
    cell: (p) => (p.lastSeenAt === null ? "never" : <Time at={p.lastSeenAt} />),
    width: 120,
    grow: 0,
  },
];

const workers: Column<WorkerLine>[] = [
  {
    id: "host",
    header: "Worker",
    value: (w) => `${w.host} ${w.pid}`,
    cell: (w) => (
      <span className="font-medium">
        {w.host}, process {w.pid}
      </span>
    ),
    grow: 2,
  },
  {
    id: "state",
    header: "State",
    value: (w) => w.state,
    cell: (w) =>
      w.state === "silent" ? (
        <StatusBadge status="warning" label="Silent" />
      ) : (
        <StatusBadge
          status={w.state === "running" ? "healthy" : "stopped"}
          label={w.state === "running" ? "Running" : "Stopped"}
        />
      ),
    width: 110,
    grow: 0,
  },
  { id: "roles", header: "Roles", value: (w) => w.roles.join(", "), grow: 2 },
  {
    id: "slots",
    header: "Busy",
    value: (w) => w.busy,
    cell: (w) => (w.roles.includes("pipelines") ? `${w.busy} of ${w.slots}` : "–"),
    numeric: true,
    description: "Steps that it runs, of how many it may run at once",
  },
  {
    id: "heartbeat",
    header: "Heartbeat",
    value: (w) => w.heartbeatAt,
    cell: (w) => <Time at={w.heartbeatAt} />,
    width: 120,
    grow: 0,
  },
  {
    id: "started",
    header: "Started",
    value: (w) => w.startedAt,
    cell: (w) => <Time at={w.startedAt} />,
    width: 120,
    grow: 0,
  },
  { id: "version", header: "Version", value: (w) => w.version, width: 90, grow: 0 },
];

const queues: Column<QueueLine>[] = [
  {
    id: "name",
    header: "Queue",
    value: (q) => q.name,
    cell: (q) => <span className="font-mono">{q.name}</span>,
    grow: 3,
  },
  { id: "ready", header: "Waiting", value: (q) => q.ready, numeric: true },
  {
    id: "oldest",
    header: "Oldest",
    value: (q) => q.oldestMs,
    cell: (q) => <Duration ms={q.oldestMs} />,
    numeric: true,
  },
  { id: "active", header: "Running", value: (q) => q.active, numeric: true },
  {
    id: "deferred",
    header: "Later",
    value: (q) => q.deferred,
    numeric: true,
    description: "Retries and jobs with a time",
  },
  {
    id: "failed",
    header: "Failed",
    value: (q) => q.failed,
    numeric: true,
    description: "After all retries; kept for a while",
  },
];

const environments: Column<EnvironmentLine>[] = [
  { id: "hash", header: "Environment", value: (e) => e.hash, cell: (e) => <Hash value={e.hash} />, width: 150 },
  {
    id: "status",
    header: "State",
    value: (e) => e.status,
    cell: (e) => <StatusBadge status={e.status} />,
    width: 110,
    grow: 0,
  },
  { id: "kind", header: "Kind", value: (e) => e.kind, width: 90, grow: 0 },
  { id: "python", header: "Python", value: (e) => e.python, width: 90, grow: 0 },
  { id: "size", header: "Size", value: (e) => e.sizeBytes, cell: (e) => <Bytes value={e.sizeBytes} />, numeric: true },
  {
    id: "built",
    header: "Built",
    value: (e) => e.startedAt,
    cell: (e) => <Time at={e.startedAt} />,
    width: 120,
    grow: 0,
  },
  {
    id: "used",
    header: "Last used",
    value: (e) => e.lastUsedAt,
    cell: (e) => <Time at={e.lastUsedAt} />,
    width: 120,
    grow: 0,
  },
  { id: "error", header: "Error", value: (e) => e.error ?? "", grow: 3 },
];

const projects: Column<ProjectLine>[] = [
  {
    id: "name",
    header: "Project",
    value: (p) => p.name,
    cell: (p) => <span className="font-medium">{p.name}</span>,
    grow: 2,
  },
  { id: "slug", header: "Short name", value: (p) => p.slug, cell: (p) => <span className="font-mono">{p.slug}</span> },
  { id: "members", header: "Members", value: (p) => p.members, numeric: true },
  { id: "endpoints", header: "Endpoints", value: (p) => p.endpoints, numeric: true },
  {
    id: "created",
    header: "Created",
    value: (p) => p.createdAt,
    cell: (p) => <Time at={p.createdAt} />,
    width: 120,
    grow: 0,
  },
];

const settings: Column<Setting>[] = [
  {
    id: "name",
    header: "Setting",
    value: (s) => s.name,
    cell: (s) => <span className="font-mono">{s.name}</span>,
    width: 200,
    grow: 0,
  },
  {
    id: "value",
    header: "Value",
    value: (s) => s.value,
    cell: (s) => <span className="font-mono">{s.value}</span>,
    grow: 2,
  },
  { id: "note", header: "Meaning", value: (s) => s.note, grow: 2 },
];

/** What the platform runs on and who may use it: for administrators. Settings are read where the processes start, not changed here. */
export function ControlPlaneTabs({ plane }: { plane: ControlPlane }) {
  return (
    <Tabs
      label="Control plane"
      tabs={[
        {
          id: "workers",
          label: "Workers",
          count: plane.workers.filter((worker) => worker.state === "running").length,
          content: (
            <DataTable
              label="Workers"
              rows={plane.workers}
              columns={workers}
              rowId={(w) => w.id}
              search="Search workers"
              empty={
                <EmptyState icon={<Cpu aria-hidden />}>
                  No worker has run in the last hour: start one with npm run -s touchstone -- worker.
                </EmptyState>
              }
            />
          ),
        },
        {
          id: "queues",
          label: "Queues",
          content: (
            <DataTable
              label="Queues"
              rows={plane.queues}
              columns={queues}
              rowId={(q) => q.name}
              search="Search queues"
              empty={<EmptyState>No queue exists yet: the first worker makes them.</EmptyState>}
            />
          ),
        },
        {
          id: "people",
          label: "People",
          count: plane.people.length,
          content: (
            <DataTable
              label="People"
              rows={plane.people}
              columns={people}
              rowId={(p) => p.id}
              search="Search people"
              empty={<EmptyState>Nobody has signed in yet.</EmptyState>}
            />
          ),
        },
        {
          id: "projects",
          label: "Projects",
          count: plane.projects.length,
          content: (
            <DataTable
              label="Projects"
              rows={plane.projects}
              columns={projects}
              rowId={(p) => p.slug}
              rowHref={(p) => `/p/${p.slug}`}
              search="Search projects"
              empty={<EmptyState icon={<FolderKanban aria-hidden />}>There is no project yet.</EmptyState>}
            />
          ),
        },
        {
          id: "environments",
          label: "Environments",
          count: plane.environments.length,
          content: (
            <DataTable
              label="Python environments"
              rows={plane.environments}
              columns={environments}
              rowId={(e) => e.hash}
              search="Search environments"
              empty={
                <EmptyState icon={<Package aria-hidden />}>
                  No Python environment was built yet: the first run of a pipeline with requirements makes one.
                </EmptyState>
              }
            />
          ),
        },
        {
          id: "configuration",
          label: "Configuration",
          content: (
            <div className="space-y-4">
              <Card title="Versions">
                <KeyValue columns={3} items={plane.versions.map(({ name, value }) => ({ label: name, value }))} />
              </Card>
              <DataTable
                label="Settings of the app"
                rows={plane.settings}
                columns={settings}
                rowId={(s) => s.name}
                search="Search settings"
              />
            </div>
          ),
        },
      ]}
    />
  );
}
