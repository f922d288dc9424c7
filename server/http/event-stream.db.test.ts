import { afterEach, expect, test } from "vitest";
import { announceNow, changes, closeChanges } from "#server/platform/events.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { eventStream } from "./event-stream.ts";

testDatabase();
afterEach(closeChanges);

/** The first ids that a listener of `topic` hears within a moment. */
async function heard(query: string, act?: () => Promise<void>): Promise<string[]> {
  const abort = new AbortController();
  const request = new Request(`http://localhost/api/v1/events${query}`, { signal: abort.signal });
  const answer = await eventStream(request, (change) => change.topic === "runs");
  const reader = answer.body?.getReader();
  await act?.();
  let text = "";
  const stop = setTimeout(() => abort.abort(), 300);
  for (;;) {
    const part = await reader?.read();
    if (!part || part.done) break;
    text += new TextDecoder().decode(part.value);
  }
  clearTimeout(stop);
  return Array.from(text.matchAll(/"id":"([^"]*)"/g), (match) => match[1] ?? "");
}

const announce = (topic: string, id: string) => announceNow({ projectId: null, topic, id });

/** Announces, and waits until this process has heard of it. */
async function announced(topic: string, id: string): Promise<void> {
  const there = new Promise<void>((resolve) => {
    const off = changes().on((change) => {
      if (change.id !== id) return;
      off();
      resolve();
    });
  });
  await announce(topic, id);
  await there;
}

test("a change between reading and listening is told to who says how long ago it read", async () => {
  await changes().ready();
  await new Promise((resolve) => setTimeout(resolve, 150));
  await announced("runs", "missed");
  await announced("models", "of no interest");
  expect(await heard("?age=100", () => announced("runs", "later"))).toEqual(["missed", "later"]);
  expect(await heard("", () => announced("runs", "last"))).toEqual(["last"]);
});

test("what is no longer known is told as anything", async () => {
  await changes().ready();
  await announced("runs", "seen");
  expect(await heard("?age=60000")).toEqual([""]);
});
