"use client";

import { usePathname } from "next/navigation";
import { cn } from "#components/ui/cn.ts";
import { formatCompact } from "#components/ui/format.ts";
import { Link } from "#components/ui/link.tsx";
import { Logo, Mark } from "./logo.tsx";
import {
  type NavigationEntry,
  type ShellPerson,
  type ShellProject,
  activeEntry,
  platformEntries,
  sectionsOf,
} from "./navigation.tsx";
import { ProjectSwitcher } from "./project-switcher.tsx";

type RailProps = {
  person: ShellPerson;
  projects: readonly ShellProject[];
  project: ShellProject | null;
  /** How many things wait, by entry id ("inbox", "reviews", …). */
  waiting: Readonly<Record<string, number>>;
  /** In the sheet of small screens every entry shows its word. */
  wide?: boolean | undefined;
};

/** Project switcher, the project's sections, and the platform's pages. */
export function Rail({ person, projects, project, waiting, wide = false }: RailProps) {
  const path = usePathname();
  const sections = project === null ? [] : sectionsOf(project);
  const platform = platformEntries(person, projects);
  const active = activeEntry([...sections, ...platform], path);
  const words = wide ? "" : "max-rail:sr-only";
  return (
    <div className="flex h-full flex-col gap-3 overflow-y-auto px-2 py-2.5 [scrollbar-width:none]">
      <Link
        href="/"
        aria-label="Touchstone, home"
        className={cn("flex h-7 items-center rounded-md px-2", !wide && "max-rail:justify-center max-rail:px-0")}
      >
        <Logo className={wide ? "" : "max-rail:hidden"} />
        {wide ? null : <Mark className="rail:hidden" />}
      </Link>
      <ProjectSwitcher projects={projects} project={project} wide={wide} />
      {sections.length === 0 ? null : (
        <Entries label="Project" entries={sections} active={active} waiting={waiting} words={words} wide={wide} />
      )}
      <div className="min-h-2 flex-1" />
      <Entries label="Platform" entries={platform} active={active} waiting={waiting} words={words} wide={wide} />
    </div>
  );
}

type EntriesProps = {
  label: string;
  entries: readonly NavigationEntry[];
  active: NavigationEntry | undefined;
  waiting: Readonly<Record<string, number>>;
  words: string;
  wide: boolean;
};

function Entries({ label, entries, active, waiting, words, wide }: EntriesProps) {
  return (
    <ul aria-label={label} className="space-y-px">
      {entries.map((entry) => {
        const count = waiting[entry.id] ?? 0;
        return (
          <li key={entry.id}>
            <Link
              href={entry.href}
              title={wide ? undefined : entry.label}
              aria-current={entry === active ? "page" : undefined}
              className={cn(
                "relative flex h-8 items-center gap-2.5 rounded-md px-2 text-sm text-muted transition-colors hover:bg-raised hover:text-text aria-[current]:bg-raised aria-[current]:font-medium aria-[current]:text-text",
                !wide && "max-rail:justify-center max-rail:px-0",
              )}
            >
              <entry.Icon className="size-4 shrink-0" strokeWidth={1.75} aria-hidden />
              <span className={cn("min-w-0 flex-1 truncate", words)}>{entry.label}</span>
              {count === 0 ? null : (
                <span
                  data-number
                  className={cn(
                    "rounded-sm bg-ink px-1 text-2xs font-medium text-on-ink",
                    !wide && "max-rail:absolute max-rail:top-0.5 max-rail:right-0.5 max-rail:px-0.5 max-rail:leading-3",
                  )}
                >
                  {formatCompact(count)}
                  <span className="sr-only"> waiting</span>
                </span>
              )}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
