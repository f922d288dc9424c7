"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { useLiveEvent } from "#components/ui/live.tsx";
import { type FollowedLog, LogReader } from "./log-reader.ts";

/** An attempt's log, followed while it grows. Give the component that calls it the attempt as key. */
export function useLog(project: string, run: number, attempt: string): FollowedLog {
  const [reader] = useState(() => new LogReader(project, run, attempt));
  useEffect(() => reader.start(), [reader]);
  useLiveEvent(["step-logs", "pipelines"], ({ topic, id }) => {
    if (topic === "pipelines" || id === null || id === attempt) reader.look();
  });
  return useSyncExternalStore(reader.subscribe, reader.snapshot, reader.snapshot);
}
