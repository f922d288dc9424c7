"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { ArrowRight, CornerDownLeft, Link2, LogOut, Search, Zap } from "lucide-react";
import { useRouter } from "next/navigation";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useDeferredValue, useState } from "react";
import { ApiError, api } from "#components/ui/api.ts";
import { useRegisteredCommands } from "#components/ui/commands.ts";
import { writeClipboard } from "#components/ui/copy.tsx";
import { humanise } from "#components/ui/format.ts";
import { toast } from "#components/ui/toast.tsx";
import { type ShellPerson, type ShellProject, platformEntries, sectionsOf } from "./navigation.tsx";
import { signOutEverywhere } from "./person-menu.tsx";
import { THEMES, useTheme } from "./theme.tsx";

type Found = { items: { kind: string; title: string; subtitle?: string | null; href: string }[] };

type PaletteEntry = {
  id: string;
  group: string;
  label: string;
  note?: string | undefined;
  keywords?: string | undefined;
  icon: ReactNode;
  run: () => void;
};

const objectId = (item: { kind: string; href: string }): string => `${item.kind}:${item.href}`;

type CommandPaletteProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  person: ShellPerson;
  projects: readonly ShellProject[];
  project: ShellProject | null;
};

/** Every object, page and act by typing (Ctrl or Cmd and K). */
export function CommandPalette({ open, onOpenChange, ...rest }: CommandPaletteProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-70 animate-fade bg-scrim" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-70 w-[min(640px,calc(100vw-32px))] -translate-x-1/2 overflow-hidden rounded-lg border bg-surface shadow-float outline-none"
        >
          <Radix.Title className="sr-only">Search and commands</Radix.Title>
          <PaletteBody {...rest} close={() => onOpenChange(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function PaletteBody({
  person,
  projects,
  project,
  close,
}: Omit<CommandPaletteProps, "open" | "onOpenChange"> & { close: () => void }) {
  const [text, setText] = useState("");
  const [picked, setPicked] = useState("");
  const query = useDeferredValue(text.trim());
  const fixed = useFixedEntries(person, projects, project, close);
  const router = useRouter();
  const found = useQuery({
    queryKey: ["platform", "search", project?.slug ?? null, query],
    queryFn: ({ signal }) => api<Found>("/api/v1/search", { query: { q: query, project: project?.slug }, signal }),
    enabled: query.length >= 2,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = fixed.filter((entry) => {
    const hay = `${entry.label} ${entry.note ?? ""} ${entry.keywords ?? ""}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
  const objects = query.length < 2 ? [] : (found.data?.items ?? []);
  // What was picked may have gone with the next letter; Enter must then open the first of what is shown.
  const ids = [...objects.map(objectId), ...shown.map((entry) => entry.id)];
  const selected = ids.includes(picked) ? picked : (ids[0] ?? "");
  const groups = [...new Set(shown.map((entry) => entry.group))];

  return (
    <Command loop shouldFilter={false} label="Search and commands" value={selected} onValueChange={setPicked}>
      <div className="flex items-center gap-2.5 border-b px-3.5">
        <Search className="size-4 shrink-0 text-muted" aria-hidden />
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder={
            project === null
              ? "Search all projects, go to a page, or act"
              : `Search ${project.name}, go to a page, or act`
          }
          className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none"
        />
        <kbd className="rounded-sm border px-1 text-2xs text-muted">Esc</kbd>
      </div>
      <Command.List className="max-h-[min(420px,60vh)] overflow-y-auto p-1.5">
        {objects.length === 0 ? null : (
          <Group heading="Found">
            {objects.map((item) => (
              <Row
                key={objectId(item)}
                id={objectId(item)}
                icon={<ArrowRight aria-hidden />}
                label={item.title}
                note={[humanise(item.kind), item.subtitle].filter(Boolean).join(" · ")}
                run={() => {
                  close();
                  router.push(item.href);
                }}
              />
            ))}
          </Group>
        )}
        {groups.map((group) => (
          <Group key={group} heading={group}>
            {shown
              .filter((entry) => entry.group === group)
              .map((entry) => (
                <Row key={entry.id} {...entry} />
              ))}
          </Group>
        ))}
        {found.isError ? (
          <p role="alert" className="px-2.5 py-3 text-sm text-muted">
            {found.error instanceof ApiError ? found.error.title : "The search did not answer"}; pages and acts still
            work.
          </p>
        ) : null}
        {objects.length === 0 && shown.length === 0 && !found.isError ? (
          <p role="status" className="px-2.5 py-8 text-center text-sm text-muted">
            {found.isFetching ? "Searching…" : `Nothing is called “${query}”.`}
          </p>
        ) : null}
      </Command.List>
      <div className="flex items-center gap-4 border-t px-3.5 py-2 text-2xs text-muted">
        <span className="inline-flex items-center gap-1">
          <CornerDownLeft className="size-3" aria-hidden /> open
        </span>
        <span>↑ ↓ move</span>
        <span className="ml-auto">{found.isFetching ? "Searching…" : null}</span>
      </div>
    </Command>
  );
}

/** What the palette offers without asking the server: pages, projects, the page's own acts and a few of everywhere. */
function useFixedEntries(
  person: ShellPerson,
  projects: readonly ShellProject[],
  project: ShellProject | null,
  close: () => void,
): PaletteEntry[] {
  const router = useRouter();
  const { theme, setTheme } = useTheme();
  const commands = useRegisteredCommands();
  const doing = (act: () => void) => (): void => {
    close();
    act();
  };
  const page =
    (group: string) =>
    (entry: { id: string; label: string; href: string; Icon: typeof Search }): PaletteEntry => ({
      id: `${group}:${entry.id}`,
      group,
      label: entry.label,
      keywords: "go to page",
      icon: <entry.Icon aria-hidden />,
      run: doing(() => router.push(entry.href)),
    });
  return [
    ...commands.map((command) => ({
      id: `page:${command.id}`,
      group: "On this page",
      label: command.label,
      keywords: command.keywords,
      icon: <Zap aria-hidden />,
      run: doing(command.run),
    })),
    ...(project === null ? [] : sectionsOf(project).map(page(project.name))),
    ...platformEntries(person, projects).map(page("Platform")),
    ...projects
      .filter((each) => each.slug !== project?.slug)
      .map((each) => ({
        id: `project:${each.slug}`,
        group: "Projects",
        label: each.name,
        note: each.slug,
        keywords: "project switch",
        icon: <ArrowRight aria-hidden />,
        run: doing(() => router.push(`/p/${each.slug}`)),
      })),
    {
      id: "copy-link",
      group: "Acts",
      label: "Copy the link of this page",
      icon: <Link2 aria-hidden />,
      run: doing(() => {
        void writeClipboard(window.location.href).then((copied) =>
          copied ? toast.success("Link copied") : toast.info("This browser does not allow copying here"),
        );
      }),
    },
    ...THEMES.filter((each) => each.id !== theme).map((each) => ({
      id: `theme:${each.id}`,
      group: "Acts",
      label: `Theme: ${each.label.toLowerCase()}`,
      keywords: "colour appearance",
      icon: each.icon,
      run: doing(() => setTheme(each.id)),
    })),
    {
      id: "sign-out",
      group: "Acts",
      label: "Sign out",
      keywords: "log out leave",
      icon: <LogOut aria-hidden />,
      run: doing(() => void signOutEverywhere()),
    },
  ];
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Command.Group>
  );
}

function Row({
  id,
  icon,
  label,
  note,
  run,
}: {
  id: string;
  icon: ReactNode;
  label: string;
  note?: string | undefined;
  run: () => void;
}) {
  return (
    <Command.Item
      value={id}
      onSelect={run}
      className="flex min-h-8.5 cursor-default items-center gap-2.5 rounded-md px-2.5 py-1 text-sm data-[selected=true]:bg-raised [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted"
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {note === undefined || note === "" ? null : (
        <span className="max-w-[50%] truncate text-xs text-muted">{note}</span>
      )}
    </Command.Item>
  );
}
