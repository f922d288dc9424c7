import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LiveMessage, onLiveMessage, openLive, parseMessage, readLiveState } from "./live-stream.ts";

/** Stands in for the browser's EventSource, which Node has not. */
class FakeSource {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 0;
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    FakeSource.all.push(this);
  }
  close(): void {
    this.closed = true;
  }
}

let heard: (LiveMessage | "resumed")[] = [];
let stop: () => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
  FakeSource.all = [];
  heard = [];
  stop = onLiveMessage((message) => heard.push(message));
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const source = (at: number): FakeSource => {
  const found = FakeSource.all.at(at);
  if (found === undefined) throw new Error("no stream was opened");
  return found;
};

describe("the tab's event stream", () => {
  it("is one, however many hold it, and closes with the last", () => {
    const first = openLive("flights");
    const second = openLive("flights");
    expect(FakeSource.all).toHaveLength(1);
    expect(source(0).url).toMatch(/^\/api\/v1\/events\?age=\d+&project=flights$/);
    first();
    vi.advanceTimersByTime(1);
    expect(source(0).closed).toBe(false);
    second();
    vi.advanceTimersByTime(1);
    expect(source(0).closed).toBe(true);
  });

  it("changes the project with the page", () => {
    const first = openLive("flights");
    const second = openLive("churn");
    first();
    vi.advanceTimersByTime(1);
    expect(source(0).closed).toBe(true);
    expect(source(1).closed).toBe(false);
    second();
    vi.advanceTimersByTime(1);
  });

  it("hands on messages and tells of a gap after a reconnect", () => {
    const close = openLive("flights");
    source(0).onopen?.();
    source(0).onmessage?.({ data: '{"topic":"runs","id":"r1"}' });
    source(0).onmessage?.({ data: "noise" });
    source(0).onmessage?.({ data: '{"topic":"*","id":""}' });
    source(0).onerror?.();
    source(0).onopen?.();
    expect(heard).toEqual([{ topic: "runs", id: "r1" }, "resumed", "resumed"]);
    close();
    vi.advanceTimersByTime(1);
  });

  it("opens again after a refusal, ever more slowly, and says so after some seconds", () => {
    const close = openLive("flights");
    source(0).readyState = FakeSource.CLOSED;
    source(0).onerror?.();
    expect(readLiveState()).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(FakeSource.all).toHaveLength(2);
    source(1).readyState = FakeSource.CLOSED;
    source(1).onerror?.();
    vi.advanceTimersByTime(1999);
    expect(FakeSource.all).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(FakeSource.all).toHaveLength(3);
    vi.advanceTimersByTime(1500);
    expect(readLiveState()).toBe(true);
    source(2).onopen?.();
    expect(readLiveState()).toBe(false);
    close();
    vi.advanceTimersByTime(1);
  });
});

it("takes only messages with a topic", () => {
  expect(parseMessage('{"topic":"runs"}')).toEqual({ topic: "runs", id: null });
  expect(parseMessage('{"id":"x"}')).toBeNull();
  expect(parseMessage("null")).toBeNull();
});
