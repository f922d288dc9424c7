import {
  Activity,
  Boxes,
  ClipboardCheck,
  CodeXml,
  Database,
  FlaskConical,
  House,
  Inbox,
  LayoutDashboard,
  type LucideIcon,
  RadioTower,
  ScrollText,
  ServerCog,
  Settings,
  Workflow,
} from "lucide-react";
import type { Scope } from "#server/identity/contract.ts";

export type SectionId =
  | "overview"
  | "data"
  | "code"
  | "pipelines"
  | "experiments"
  | "models"
  | "endpoints"
  | "monitoring"
  | "reviews"
  | "settings";

export type NavigationEntry = { id: string; label: string; href: string; Icon: LucideIcon; also?: readonly string[] };

/** Sections of a project, in the order of the loop, each with the scope that shows it. */
const SECTIONS: readonly {
  id: SectionId;
  label: string;
  path: string;
  Icon: LucideIcon;
  scope: Scope;
  /** Pages of the section that have addresses of their own. */
  also?: readonly string[];
}[] = [
  { id: "overview", label: "Overview", path: "", Icon: LayoutDashboard, scope: "project:read" },
  { id: "data", label: "Data", path: "/data", Icon: Database, scope: "data:read" },
  { id: "code", label: "Code", path: "/code", Icon: CodeXml, scope: "code:read" },
  { id: "pipelines", label: "Pipelines", path: "/pipelines", Icon: Workflow, scope: "pipelines:read" },
  { id: "experiments", label: "Experiments", path: "/experiments", Icon: FlaskConical, scope: "tracking:read" },
  { id: "models", label: "Models", path: "/models", Icon: Boxes, scope: "registry:read" },
  {
    id: "endpoints",
    label: "Endpoints",
    path: "/endpoints",
    Icon: RadioTower,
    scope: "serving:read",
    also: ["/services", "/scorings", "/predictions"],
  },
  { id: "monitoring", label: "Monitoring", path: "/monitoring", Icon: Activity, scope: "monitoring:read" },
  { id: "reviews", label: "Reviews", path: "/reviews", Icon: ClipboardCheck, scope: "governance:read" },
  { id: "settings", label: "Settings", path: "/settings", Icon: Settings, scope: "project:read" },
];

export type ShellProject = {
  readonly slug: string;
  readonly name: string;
  readonly role: string;
  readonly scopes: readonly string[];
};

export type ShellPerson = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly platformRoles: readonly string[];
};

/** The sections of a project that its member may see. */
export function sectionsOf(project: ShellProject): NavigationEntry[] {
  return SECTIONS.filter((section) => project.scopes.includes(section.scope)).map(
    ({ id, label, path, Icon, also = [] }) => ({
      id,
      label,
      href: `/p/${project.slug}${path}`,
      Icon,
      also: also.map((other) => `/p/${project.slug}${other}`),
    }),
  );
}

/** What lies outside projects: Audit for those who may read it anywhere, the control plane for administrators. */
export function platformEntries(person: ShellPerson, projects: readonly ShellProject[]): NavigationEntry[] {
  const administers = person.platformRoles.includes("administrator");
  const audits = administers || projects.some((project) => project.scopes.includes("audit:read"));
  return [
    { id: "home", label: "Home", href: "/", Icon: House },
    { id: "inbox", label: "Inbox", href: "/inbox", Icon: Inbox },
    ...(audits ? [{ id: "audit", label: "Audit", href: "/audit", Icon: ScrollText }] : []),
    ...(administers ? [{ id: "control-plane", label: "Control plane", href: "/control-plane", Icon: ServerCog }] : []),
  ];
}

/** The entry under which a path lies: the longest href that is the path or a folder above it. Home and Overview hold nothing below them. */
export function activeEntry(entries: readonly NavigationEntry[], path: string): NavigationEntry | undefined {
  return entries
    .filter(
      (entry) =>
        path === entry.href ||
        (entry.id !== "home" && entry.id !== "overview" && path.startsWith(`${entry.href}/`)) ||
        entry.also?.some((other) => path === other || path.startsWith(`${other}/`)),
    )
    .sort((a, b) => b.href.length - a.href.length)[0];
}

/** The same section in another project, for the project switcher. */
export function sameSection(path: string, from: string | null, to: string): string {
  if (from === null) return `/p/${to}`;
  const section = path.startsWith(`/p/${from}/`) ? path.slice(`/p/${from}/`.length).split("/")[0] : "";
  return SECTIONS.some((known) => known.path === `/${section ?? ""}`) ? `/p/${to}/${section ?? ""}` : `/p/${to}`;
}

/** The section above a path that leads nowhere, as the way back; the project's own page where the path is a section itself or lies in none. */
export function sectionAbove(path: string): { label: string; href: string } {
  const [, slug = "", name = "", below] = /^\/p\/([^/]+)(?:\/([^/]+))?(\/.+)?$/.exec(path) ?? [];
  const isIn = ({ path: own, also = [] }: (typeof SECTIONS)[number]) => [own, ...also].includes(`/${name}`);
  const section = below === undefined ? undefined : SECTIONS.find(isIn);
  return { label: section?.label ?? "Overview", href: `/p/${slug}${section?.path ?? ""}` };
}
