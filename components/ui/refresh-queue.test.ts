import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { noteAnswered, noteDeparture, noteMove } from "./address.ts";
import { RefreshQueue } from "./refresh-queue.ts";

const location = { pathname: "/p/penguins", search: "", href: "http://localhost/p/penguins" };
let asked: string[] = [];
let queue: RefreshQueue;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { location });
  location.pathname = "/p/penguins";
  noteDeparture("/p/penguins");
  noteAnswered();
  asked = [];
  queue = new RefreshQueue((ahead) => asked.push(ahead ? "where one is" : "the page"));
});
afterEach(() => {
  queue.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("RefreshQueue", () => {
  it("asks at once, and for what is wanted meanwhile once afterwards", () => {
    queue.want();
    queue.want();
    queue.want();
    expect(asked).toEqual(["the page"]);
    queue.onAnswered();
    expect(asked).toEqual(["the page", "the page"]);
    queue.onAnswered();
    vi.advanceTimersByTime(60_000);
    expect(asked).toHaveLength(2);
  });

  it("asks where one is after the search has changed, and for the page again once the two agree", () => {
    noteMove();
    queue.want();
    queue.onAnswered();
    queue.want();
    expect(asked).toEqual(["where one is", "the page"]);
  });

  it("asks once more when the address moved before the answer came, a second after the last time at the earliest", () => {
    queue.want();
    vi.advanceTimersByTime(300);
    noteMove();
    queue.onAnswered();
    vi.advanceTimersByTime(699);
    expect(asked).toEqual(["the page"]);
    vi.advanceTimersByTime(1);
    expect(asked).toEqual(["the page", "where one is"]);
    queue.onAnswered();
    vi.advanceTimersByTime(60_000);
    expect(asked).toHaveLength(2);
  });

  it("does not take back the page that the reader is going to, unless that fails or they change their mind", () => {
    noteDeparture("/p/penguins/models");
    queue.want();
    vi.advanceTimersByTime(9_000);
    expect(asked).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(asked).toEqual(["the page"]);
    queue.onAnswered();
    noteDeparture("/p/penguins/models");
    noteMove();
    queue.want();
    expect(asked).toEqual(["the page", "where one is"]);
  });

  it("does not take back a search of the same page that is on its way", () => {
    noteMove();
    noteDeparture("?state=done");
    queue.want();
    vi.advanceTimersByTime(2_500);
    expect(asked).toEqual([]);
    location.search = "?state=done";
    vi.advanceTimersByTime(1_000);
    location.search = "";
    expect(asked).toEqual(["where one is"]);
  });

  it("forgets what was lost on a page that is not shown any more", () => {
    queue.want();
    noteMove();
    location.pathname = "/p/penguins/models";
    queue.onAnswered();
    vi.advanceTimersByTime(60_000);
    expect(asked).toEqual(["the page"]);
  });

  it("is not held back for ever by an answer that does not come", () => {
    queue.want();
    vi.advanceTimersByTime(10_000);
    queue.want();
    expect(asked).toHaveLength(2);
  });
});
