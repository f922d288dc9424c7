import { changes, type Change } from "#server/platform/events.ts";

const HEARTBEAT_MS = 15_000;
/** Says that anything may have changed. */
const EVERYTHING = { topic: "*", id: "" } as const;
const open = new Set<() => void>();
let armed = false;

/** `next start` waits for open connections when told to stop, and an event stream never ends by itself. */
function endAllOnStop(): void {
  if (armed) return;
  armed = true;
  process.once("SIGTERM", () => {
    for (const end of open) end();
  });
}

/** The longest that a page can say it has waited before it came to listen. */
const LONGEST_AGE_MS = 60_000;

/**
 * A server-sent event stream of the changes that `wanted` accepts, with a heartbeat, until the client goes away. `?age=` is how many milliseconds ago
 * the page began to read what it shows: changes since then come first, or `*` when they are no longer known. Without it a change between the
 * reading and the listening would never be seen.
 */
export async function eventStream(request: Request, wanted: (change: Change) => boolean): Promise<Response> {
  endAllOnStop();
  const hub = changes();
  await hub.ready();
  const encoder = new TextEncoder();
  let end = (): void => undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string): void => {
        try {
          controller.enqueue(encoder.encode(text));
        } catch {
          end();
        }
      };
      const tell = ({ topic, id }: Pick<Change, "topic" | "id">): void => {
        write(`data: ${JSON.stringify({ topic, id })}\n\n`);
      };
      write("retry: 2000\n\n");
      const age = Math.min(LONGEST_AGE_MS, Number(new URL(request.url).searchParams.get("age")));
      if (age > 0) for (const change of hub.recent(age)?.filter(wanted) ?? [EVERYTHING]) tell(change);
      const off = hub.on((change) => {
        if (wanted(change)) tell(change);
      });
      // After a lost database connection nobody knows what was missed, so everything is asked for anew.
      const offReconnected = hub.onReconnected(() => {
        tell(EVERYTHING);
      });
      const beat = setInterval(() => {
        write(": still here\n\n");
      }, HEARTBEAT_MS);
      end = () => {
        off();
        offReconnected();
        clearInterval(beat);
        open.delete(end);
        try {
          controller.close();
        } catch {
          // The client closed it first.
        }
      };
      open.add(end);
      request.signal.addEventListener("abort", end);
    },
    cancel: () => {
      end();
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
}
