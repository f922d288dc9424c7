"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef, useSyncExternalStore } from "react";
import { type LiveMessage, onLiveMessage, openLive, readLiveState, subscribeLiveState } from "./live-stream.ts";
import { refreshPage } from "./page-refresh.tsx";
import { StaleQueue } from "./stale-queue.ts";

/** Stands for all topics: after a gap it is unknown what was missed. */
const EVERYTHING = "*";

/**
 * Opens the tab's one event stream for a project (null: the person's own events) and reads the queries under [project, topic] again when something changed,
 * as often as `StaleQueue` says. After a gap everything of the project is stale.
 */
export function useLive(project: string | null): void {
  const queries = useQueryClient();
  useEffect(() => openLive(project), [project]);
  useEffect(() => {
    const own = project ?? "platform";
    const queue = new StaleQueue(async (topic) => {
      const keys = topic === EVERYTHING ? [[own]] : [...new Set([own, "platform"])].map((key) => [key, topic]);
      await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
    });
    const off = onLiveMessage((message) => {
      queue.mark(message === "resumed" ? EVERYTHING : message.topic);
    });
    return () => {
      off();
      queue.close();
    };
  }, [project, queries]);
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
