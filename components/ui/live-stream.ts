/**
 * The tab's one connection to the server's event stream. A browser allows six connections per host over HTTP/1.1,
 * so however many components listen, one EventSource is open.
 */

export type LiveMessage = { topic: string; id: string | null };
type Listener = (message: LiveMessage | "resumed") => void;

const NOTICE_AFTER = 4000;
const LONGEST_WAIT = 30_000;
/** What a page shows was read at most this long before its stream opens, unless the page itself is younger. */
const READ_BEFORE = 20_000;

const listeners = new Set<Listener>();
const stateListeners = new Set<() => void>();
let source: EventSource | undefined;
let open: string | null | undefined;
let holders = 0;
let wait = 1000;
let broken = false;
let paused = false;
let noticeTimer: ReturnType<typeof setTimeout> | undefined;
let retryTimer: ReturnType<typeof setTimeout> | undefined;

/** Opens (or joins) the stream of a project; the returned function lets go, the last one closes it. */
export function openLive(project: string | null): () => void {
  holders += 1;
  if (open !== project || source === undefined) {
    open = project;
    broken = false;
    connect();
  }
  return () => {
    holders -= 1;
    // A change of page lets go and takes again in the same moment: close only if nobody came.
    setTimeout(() => {
      if (holders === 0) disconnect();
    }, 0);
  };
}

/** Hears every message, and "resumed" after a gap in which messages were lost. */
export function onLiveMessage(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function subscribeLiveState(listener: () => void): () => void {
  stateListeners.add(listener);
  return () => {
    stateListeners.delete(listener);
  };
}

/** True while updates have been missing for some seconds. */
export function readLiveState(): boolean {
  return paused;
}

/** Reads the data of one event; null for anything that is not a message. */
export function parseMessage(data: string): LiveMessage | null {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== "object" || value === null || !("topic" in value) || typeof value.topic !== "string")
      return null;
    const id = "id" in value && typeof value.id === "string" ? value.id : null;
    return { topic: value.topic, id };
  } catch {
    return null;
  }
}

function connect(): void {
  source?.close();
  clearTimeout(retryTimer);
  const age = Math.ceil(Math.min(READ_BEFORE, performance.now() + 1000));
  const project = open === null || open === undefined ? "" : `&project=${encodeURIComponent(open)}`;
  const stream = new EventSource(`/api/v1/events?age=${age}${project}`);
  source = stream;
  stream.onopen = () => {
    wait = 1000;
    clearTimeout(noticeTimer);
    noticeTimer = undefined;
    setPaused(false);
    if (broken) {
      broken = false;
      tell("resumed");
    }
  };
  stream.onmessage = (event: MessageEvent<string>) => {
    const message = parseMessage(event.data);
    // "*": the server itself lost sight of the changes for a while.
    if (message !== null) tell(message.topic === "*" ? "resumed" : message);
  };
  stream.onerror = () => {
    if (source !== stream) return;
    broken = true;
    noticeTimer ??= setTimeout(() => setPaused(true), NOTICE_AFTER);
    // The browser reconnects by itself after a lost connection, but gives up after an HTTP error.
    if (stream.readyState === EventSource.CLOSED) {
      retryTimer = setTimeout(connect, wait);
      wait = Math.min(LONGEST_WAIT, wait * 2);
    }
  };
}

function disconnect(): void {
  source?.close();
  source = undefined;
  open = undefined;
  clearTimeout(retryTimer);
  clearTimeout(noticeTimer);
  noticeTimer = undefined;
  setPaused(false);
}

function tell(message: LiveMessage | "resumed"): void {
  for (const listener of listeners) listener(message);
}

function setPaused(value: boolean): void {
  if (paused === value) return;
  paused = value;
  for (const listener of stateListeners) listener();
}
