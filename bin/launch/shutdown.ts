/** Something that runs and must be stopped. */
export type Stoppable = { readonly name: string; stop(): Promise<void>; kill?(): void };

export type Shutdown = {
  /** Aborted as soon as the stop is asked for, so that a start under way breaks off. */
  readonly signal: AbortSignal;
  /** Whether nothing was ever started. */
  readonly idle: boolean;
  /** Registers what runs now. Stopping goes from the last registered to the first; those of one call stop together. */
  add(...group: Stoppable[]): void;
  /** Asks for the stop. Only the first call counts. */
  request(reason: string, exitCode: number): void;
  /** Waits until the stop is asked for and `starting` has settled, stops everything, and returns the exit code. */
  finish(starting: Promise<unknown>): Promise<number>;
  /** Ends everything at once, without asking. */
  force(): void;
};

/** Keeps what runs, in order, and stops it once. `say` gets the reason, if anything runs, and each failure to stop. */
export function createShutdown(say: (text: string) => void): Shutdown {
  const groups: Stoppable[][] = [];
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => {
    controller.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  let exitCode = 0;

  return {
    signal: controller.signal,
    get idle() {
      return groups.length === 0;
    },
    add(...group) {
      groups.push(group);
    },
    request(reason, code) {
      if (controller.signal.aborted) return;
      exitCode = code;
      if (groups.length > 0) say(reason);
      controller.abort();
    },
    async finish(starting) {
      await asked;
      await starting.catch(() => undefined);
      for (const group of groups.toReversed()) {
        await Promise.all(
          group.map(async (one) => {
            try {
              await one.stop();
            } catch (error) {
              say(`${one.name} did not stop: ${String(error)}`);
              exitCode ||= 1;
            }
          }),
        );
      }
      return exitCode;
    },
    force() {
      for (const one of groups.flat().reverse()) one.kill?.();
    },
  };
}

/** A second Ctrl-C within this time is the same one: the terminal sends it, and npm forwards it once more. */
const SAME_SIGNAL_MS = 700;

/** Ties Ctrl-C, SIGTERM and a closed terminal to `shutdown`; asking twice forces. Returns a function that unties them. */
export function onSignals(shutdown: Shutdown, exit: (code: number) => void): () => void {
  let first = 0;
  const ask = (name: NodeJS.Signals) => {
    const now = Date.now();
    if (first > 0 && now - first > SAME_SIGNAL_MS) {
      shutdown.force();
      exit(130);
    }
    first ||= now;
    shutdown.request(name === "SIGINT" ? "Stopping (Ctrl-C again forces it) …" : `Stopping (${name}) …`, 0);
  };
  const hangUp = () => shutdown.request("Stopping (the terminal was closed) …", 0);
  process.on("SIGINT", ask);
  process.on("SIGTERM", ask);
  process.on("SIGHUP", hangUp);
  return () => {
    process.off("SIGINT", ask);
    process.off("SIGTERM", ask);
    process.off("SIGHUP", hangUp);
  };
}
