"use client";

import { useSyncExternalStore } from "react";

const never = () => () => undefined;

/** Where this Touchstone is reached, for commands to copy. The server does not know how the reader came. */
export function useOrigin(): string {
  return useSyncExternalStore(
    never,
    () => window.location.origin,
    () => "http://localhost:3000",
  );
}
