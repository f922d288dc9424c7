"use client";

import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { setSearchParams, useSearch } from "./url-state.ts";

export type Tab = {
  id: string;
  label: ReactNode;
  /** A number beside the label: how many things wait or are inside. */
  count?: number | undefined;
  content: ReactNode;
};

type TabsProps = {
  tabs: readonly (Tab | false | null | undefined)[];
  /** Name in the URL, `tab` unless two sets stand on one page. */
  param?: string | undefined;
  label?: string | undefined;
  /** Anything at the right end of the tab line. */
  actions?: ReactNode;
};

/** Tabs kept in the URL (?tab=…): a link opens the same one, and Back the one before. Only the chosen tab's content is mounted. */
export function Tabs({ tabs, param = "tab", label, actions }: TabsProps) {
  const shown = tabs.filter((tab) => tab !== false && tab !== null && tab !== undefined);
  const first = shown[0]?.id ?? "";
  const asked = useSearch().get(param) ?? first;
  const value = shown.some((tab) => tab.id === asked) ? asked : first;
  // A tab is a place of its own: Back returns to the one before instead of leaving the page.
  const open = (id: string): void => setSearchParams({ [param]: id === first ? null : id }, { push: true });
  return (
    <Radix.Root value={value} onValueChange={open} activationMode="manual">
      <div className="flex items-center gap-3 border-b">
        <Radix.List
          aria-label={label ?? "Views"}
          className="-mb-px flex min-w-0 flex-1 gap-1 overflow-x-auto [scrollbar-width:none]"
        >
          {shown.map((tab) => (
            <Radix.Trigger
              key={tab.id}
              value={tab.id}
              className="flex h-9 items-center gap-1.5 border-b-2 border-transparent px-2.5 text-sm whitespace-nowrap text-muted transition-colors hover:text-text focus-visible:outline-offset-[-2px] data-[state=active]:border-text data-[state=active]:font-medium data-[state=active]:text-text"
            >
              {tab.label}
              {tab.count === undefined ? null : (
                <span className="rounded-sm bg-raised px-1 text-2xs text-muted" data-number>
                  {tab.count.toLocaleString("en")}
                </span>
              )}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {actions === undefined ? null : <div className="flex items-center gap-1.5">{actions}</div>}
      </div>
      {shown.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id} className="pt-4 outline-none focus-visible:outline-2" tabIndex={-1}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
