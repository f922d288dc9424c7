import { changes, type Change } from "#server/platform/events.ts";

const HEARTBEAT_MS = 15_000;
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

/** A server-sent event stream of the changes that `wanted` accepts, with a heartbeat, until the client goes away. */
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
      write("retry: 2000\n\n");
      const off = hub.on((change) => {
        if (wanted(change)) write(`data: ${JSON.stringify({ topic: change.topic, id: change.id })}\n\n`);
      });
      // After a lost database connection nobody knows what was missed, so everything is asked for anew.
      const offReconnected = hub.onReconnected(() => {
        write(`data: ${JSON.stringify({ topic: "*", id: "" })}\n\n`);
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
