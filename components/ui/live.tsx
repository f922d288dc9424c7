"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef, useSyncExternalStore } from "react";
import { type LiveMessage, onLiveMessage, openLive, readLiveState, subscribeLiveState } from "./live-stream.ts";
import { refreshPage } from "./page-refresh.tsx";

/**
 * Opens the tab's one event stream for a project (null: the person's own events) and marks the queries under
 * [project, topic] stale when something changed. After a gap everything of the project is stale: what was missed is unknown.
 */
export function useLive(project: string | null): void {
  const queries = useQueryClient();
  useEffect(() => openLive(project), [project]);
  useEffect(
    () =>
      onLiveMessage((message) => {
        const key = message === "resumed" ? [project ?? "platform"] : [project ?? "platform", message.topic];
        void queries.invalidateQueries({ queryKey: key });
        if (message !== "resumed" && project !== null)
          void queries.invalidateQueries({ queryKey: ["platform", message.topic] });
      }),
    [project, queries],
  );
}

/** Calls `act` for each change of one of the topics, and with id null after a gap in the stream. */
export function useLiveEvent(topics: readonly string[], act: (message: LiveMessage) => void): void {
  const onMessage = useEffectEvent((message: LiveMessage | "resumed") => {
    if (message === "resumed") {
      for (const topic of topics) act({ topic, id: null });
    } else if (topics.includes(message.topic)) act(message);
  });
  useEffect(() => onLiveMessage((message) => onMessage(message)), []);
}

/** Renders a server page again when one of the topics changes, at most once a second. */
export function LiveRefresh({ topics }: { topics: readonly string[] }) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useLiveEvent(topics, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      refreshPage();
    }, 1000);
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return null;
}

/** True while the stream has been down long enough to say so. */
export function useLivePaused(): boolean {
  return useSyncExternalStore(subscribeLiveState, readLiveState, () => false);
}
