"use client";

import { Command } from "cmdk";
import { Check, ChevronsUpDown, LayoutGrid } from "lucide-react";
import { usePathname, useRouter } from "next/navigation";
import { useState } from "react";
import { cn } from "#components/ui/cn.ts";
import { humanise } from "#components/ui/format.ts";
import { Popover } from "#components/ui/popover.tsx";
import { type ShellProject, sameSection } from "./navigation.tsx";

type ProjectSwitcherProps = { projects: readonly ShellProject[]; project: ShellProject | null; wide: boolean };

/** Which project is open, and the way into another one, at the same section. */
export function ProjectSwitcher({ projects, project, wide }: ProjectSwitcherProps) {
  const [open, setOpen] = useState(false);
  const router = useRouter();
  const path = usePathname();
  const go = (href: string): void => {
    setOpen(false);
    router.push(href);
  };
  return (
    <Popover
      label="Projects"
      open={open}
      onOpenChange={setOpen}
      className="w-72 overflow-hidden p-0"
      trigger={
        <button
          type="button"
          className={cn(
            "flex h-9 w-full items-center gap-2 rounded-md border bg-surface px-2 text-left text-sm hover:bg-raised",
            !wide && "max-rail:h-8 max-rail:justify-center max-rail:px-0",
          )}
        >
          <Initial name={project?.name ?? null} />
          <span className={cn("min-w-0 flex-1 truncate font-medium", !wide && "max-rail:sr-only")}>
            {project?.name ?? "Choose a project"}
            {project === null ? null : <span className="sr-only">, change project</span>}
          </span>
          <ChevronsUpDown className={cn("size-3.5 shrink-0 text-muted", !wide && "max-rail:hidden")} aria-hidden />
        </button>
      }
    >
      <Command loop label="Projects">
        {projects.length > 6 ? (
          <Command.Input
            placeholder="Find a project"
            className="h-9 w-full border-b bg-transparent px-3 text-sm outline-none"
          />
        ) : null}
        <Command.List className="max-h-80 overflow-y-auto p-1">
          <Command.Empty className="px-2 py-4 text-center text-sm text-muted">
            No project of yours has this name.
          </Command.Empty>
          {projects.map((each) => (
            <Command.Item
              key={each.slug}
              value={each.slug}
              keywords={[each.name]}
              onSelect={() => go(sameSection(path, project?.slug ?? null, each.slug))}
              className={item}
            >
              <Initial name={each.name} />
              <span className="min-w-0 flex-1 truncate">{each.name}</span>
              <span className="text-xs text-muted">{humanise(each.role)}</span>
              <Check className={cn("size-3.5", each.slug === project?.slug ? "" : "invisible")} aria-hidden />
            </Command.Item>
          ))}
          <Command.Item
            forceMount
            value="all-projects"
            keywords={["all", "home"]}
            onSelect={() => go("/")}
            className={cn(item, "mt-1 rounded-none border-t")}
          >
            <LayoutGrid className="size-4 text-muted" aria-hidden />
            All projects
          </Command.Item>
        </Command.List>
      </Command>
    </Popover>
  );
}

const item =
  "flex min-h-8 cursor-default items-center gap-2 rounded-sm px-2 py-1 text-sm data-[selected=true]:bg-raised";

function Initial({ name }: { name: string | null }) {
  return (
    <span
      aria-hidden
      className="inline-flex size-5 shrink-0 items-center justify-center rounded-sm bg-ink text-2xs font-semibold text-on-ink"
    >
      {name === null ? "?" : name.charAt(0).toUpperCase()}
    </span>
  );
}
