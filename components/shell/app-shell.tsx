"use client";

import { type ReactNode, useEffect, useState } from "react";
import { Sheet } from "#components/ui/dialog.tsx";
import { LiveRefresh, useLive } from "#components/ui/live.tsx";
import type { Waiting } from "#server/overview/contract.ts";
import { CommandPalette } from "./command-palette.tsx";
import type { ShellPerson, ShellProject } from "./navigation.tsx";
import { Rail } from "./rail.tsx";
import { TopBar } from "./top-bar.tsx";
import { useWaiting } from "./use-waiting.ts";

type AppShellProps = {
  person: ShellPerson;
  projects: readonly ShellProject[];
  /** Slug of the open project; null on the platform's own pages. */
  project: string | null;
  inboxUnread: number;
  environment: "development" | "production";
  /** What waited in the project's sections when the page was made. */
  waiting?: Waiting | undefined;
  children: ReactNode;
};

/** The frame around every page: rail, top bar, command palette, and the tab's one event stream. */
export function AppShell({
  person,
  projects,
  project: slug,
  inboxUnread,
  environment,
  waiting,
  children,
}: AppShellProps) {
  const [palette, setPalette] = useState(false);
  const [menu, setMenu] = useState(false);
  const project = projects.find((each) => each.slug === slug) ?? null;
  const counts = { inbox: inboxUnread, ...useWaiting(slug, waiting) };
  useLive(slug);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      setPalette((before) => !before);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only z-80 rounded-md bg-ink px-3 py-1.5 text-on-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <nav aria-label="Main" className="sticky top-0 h-dvh w-13 shrink-0 border-r bg-bg max-sm:hidden rail:w-54">
        <Rail person={person} projects={projects} project={project} waiting={counts} />
      </nav>
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar
          person={person}
          projects={projects}
          project={project}
          inboxUnread={inboxUnread}
          environment={environment}
          onSearch={() => setPalette(true)}
          onMenu={() => setMenu(true)}
        />
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-[1600px] min-w-0 flex-1 p-4 outline-none has-[[data-full-bleed]]:max-w-none has-[[data-full-bleed]]:p-0 xl:px-6"
        >
          {children}
        </main>
      </div>
      <Sheet side="left" width="264px" title="Navigation" hideTitle open={menu} onOpenChange={setMenu}>
        <nav
          aria-label="Main, small screen"
          className="h-full"
          onClick={(event) => {
            if (event.target instanceof Element && event.target.closest("a") !== null) setMenu(false);
          }}
        >
          <Rail person={person} projects={projects} project={project} waiting={counts} wide />
        </nav>
      </Sheet>
      <CommandPalette open={palette} onOpenChange={setPalette} person={person} projects={projects} project={project} />
      <LiveRefresh topics={["inbox", "projects"]} />
    </div>
  );
}
