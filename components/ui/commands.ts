"use client";

import { useEffect, useSyncExternalStore } from "react";

/** An act of the page that is open, offered in the command palette. */
export type PageCommand = {
  id: string;
  /** As an order: "Upload a dataset". */
  label: string;
  keywords?: string | undefined;
  run: () => void;
};

let commands: readonly PageCommand[] = [];
const listeners = new Set<() => void>();
const none: readonly PageCommand[] = [];

function set(next: readonly PageCommand[]): void {
  commands = next;
  for (const listener of listeners) listener();
}

/** Puts the page's own acts into the command palette while the component is mounted. Keep the array stable (useMemo). */
export function usePageCommands(mine: readonly PageCommand[]): void {
  useEffect(() => {
    set([...commands, ...mine]);
    return () => set(commands.filter((command) => !mine.includes(command)));
  }, [mine]);
}

/** The acts of the open page, for the palette. */
export function useRegisteredCommands(): readonly PageCommand[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => commands,
    () => none,
  );
}
