"use client";

import { Bell, FlaskConical, Menu, Search, ShieldCheck, WifiOff } from "lucide-react";
import { usePathname } from "next/navigation";
import { Fragment, useSyncExternalStore } from "react";
import { cn } from "#components/ui/cn.ts";
import { type Crumb, useCrumbs } from "#components/ui/crumbs.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Link } from "#components/ui/link.tsx";
import { useLivePaused } from "#components/ui/live.tsx";
import { Tooltip } from "#components/ui/tooltip.tsx";
import { type ShellPerson, type ShellProject, activeEntry, platformEntries, sectionsOf } from "./navigation.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { ThemeSwitch } from "./theme.tsx";

type TopBarProps = {
  person: ShellPerson;
  projects: readonly ShellProject[];
  project: ShellProject | null;
  inboxUnread: number;
  environment: "development" | "production";
  onSearch: () => void;
  onMenu: () => void;
};

/** Where am I, find anything, what waits for me, which environment, who am I. */
export function TopBar({ person, projects, project, inboxUnread, environment, onSearch, onMenu }: TopBarProps) {
  return (
    <header className="sticky top-0 z-40 flex h-12 shrink-0 items-center gap-2 border-b bg-bg px-4">
      <IconButton className="sm:hidden" label="Navigation" side="bottom" icon={<Menu aria-hidden />} onClick={onMenu} />
      <Trail person={person} projects={projects} project={project} />
      <div className="ml-auto flex shrink-0 items-center gap-1.5">
        <PausedNotice />
        <button
          type="button"
          onClick={onSearch}
          aria-keyshortcuts="Control+K Meta+K"
          className="flex h-8 items-center gap-2 rounded-md border border-line-strong/60 bg-surface px-2.5 text-sm text-muted hover:border-line-strong hover:text-text md:w-60"
        >
          <Search className="size-3.5 shrink-0" aria-hidden />
          <span className="flex-1 text-left max-md:sr-only">
            Search<span className="sr-only"> and commands</span>
          </span>
          <ShortcutHint />
        </button>
        <Environment name={environment} />
        <Tooltip text={inboxUnread === 0 ? "Inbox" : `Inbox, ${inboxUnread} unread`} side="bottom">
          <Link
            href="/inbox"
            aria-label={inboxUnread === 0 ? "Inbox" : `Inbox, ${inboxUnread} unread`}
            className="relative inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-text"
          >
            <Bell className="size-4" aria-hidden />
            {inboxUnread === 0 ? null : (
              <span
                aria-hidden
                data-number
                className="absolute top-0.5 right-0 min-w-3.5 rounded-full bg-bad-fill px-0.5 text-center text-[10px] leading-3.5 font-medium text-on-bad"
              >
                {inboxUnread > 99 ? "99+" : inboxUnread}
              </span>
            )}
          </Link>
        </Tooltip>
        <ThemeSwitch />
        <PersonMenu person={person} />
      </div>
    </header>
  );
}

/** Project, section, then the steps that the page itself named. */
function Trail({
  person,
  projects,
  project,
}: {
  person: ShellPerson;
  projects: readonly ShellProject[];
  project: ShellProject | null;
}) {
  const path = usePathname();
  const own = useCrumbs();
  const entries = project === null ? platformEntries(person, projects) : sectionsOf(project);
  const section = activeEntry(entries, path);
  const steps: Crumb[] = [
    ...(project === null ? [] : [{ label: project.name, href: `/p/${project.slug}` }]),
    ...(section === undefined || (project !== null && section.id === "overview" && own.length > 0)
      ? []
      : [{ label: section.label, href: section.href }]),
    ...own,
  ];
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1.5 text-sm">
        {steps.map((step, index) => {
          const last = index === steps.length - 1;
          return (
            <Fragment key={`${index}:${step.label}`}>
              {index === 0 ? null : (
                <li aria-hidden className="text-line-strong max-sm:hidden">
                  /
                </li>
              )}
              <li className={cn("min-w-0 truncate", last ? "font-medium" : "shrink text-muted max-sm:hidden")}>
                {last || step.href === undefined ? (
                  <span aria-current={last ? "page" : undefined}>{step.label}</span>
                ) : (
                  <Link href={step.href} className="rounded-sm hover:text-text">
                    {step.label}
                  </Link>
                )}
              </li>
            </Fragment>
          );
        })}
      </ol>
    </nav>
  );
}

function Environment({ name }: { name: "development" | "production" }) {
  const production = name === "production";
  return (
    <span
      title={`This is the ${name} environment`}
      className={cn(
        "inline-flex h-6 items-center gap-1 rounded-sm px-1.5 text-2xs font-medium max-sm:hidden",
        production ? "bg-ink text-on-ink" : "border border-dashed border-line-strong/70 text-muted",
      )}
    >
      {production ? <ShieldCheck className="size-3" aria-hidden /> : <FlaskConical className="size-3" aria-hidden />}
      <span className="max-lg:sr-only">{name}</span>
    </span>
  );
}

function PausedNotice() {
  const paused = useLivePaused();
  return (
    <span role="status" className="text-xs text-warn">
      {paused ? (
        <span className="inline-flex items-center gap-1.5 rounded-sm bg-warn-soft px-1.5 py-0.5">
          <WifiOff className="size-3" aria-hidden />
          <span>
            Live updates paused<span className="max-md:hidden">, reconnecting</span>
          </span>
        </span>
      ) : null}
    </span>
  );
}

const never = (): (() => void) => () => undefined;

/** "⌘K" on a Mac, "Ctrl K" elsewhere; the server does not know, so it says nothing. */
function ShortcutHint() {
  const keys = useSyncExternalStore(
    never,
    () => (/Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘K" : "Ctrl K"),
    () => "",
  );
  return (
    <kbd aria-hidden className="min-w-9 text-right text-2xs max-md:hidden">
      {keys}
    </kbd>
  );
}
