import { bold, dim, duration, green, red, yellow } from "./terminal.ts";

/** A step under way. `note` replaces what the status line says of it. */
export type Step = { readonly note: (text: string) => void };

export type Progress = {
  /** Runs `work` as a step with its duration. What it returns stands beside the name; what it throws marks the step as failed and goes on up. */
  step(name: string, work: (step: Step) => Promise<string>): Promise<void>;
  /** A line of its own. */
  line(text: string): void;
  warn(text: string): void;
  /** Takes the status line away for good. */
  end(): void;
};

const NAME_WIDTH = 11;
const DETAIL_WIDTH = 54;

/**
 * Steps as lines: done ones with their duration and, on a terminal, one status line below for those under way. Elsewhere a step that takes
 * longer than two seconds is announced, so that a log does not stand still without a word.
 */
export function createProgress(out: NodeJS.WriteStream = process.stdout): Progress {
  const running = new Map<string, { since: number; note: string }>();
  let shown = false;
  let timer: NodeJS.Timeout | undefined;

  const clear = () => {
    if (shown) out.write("\r\u001b[2K");
    shown = false;
  };
  const draw = () => {
    if (!out.isTTY || running.size === 0) return;
    const parts = [...running].map(([name, { since, note }]) => {
      const elapsed = duration(Date.now() - since);
      return note === "" ? `${name} ${elapsed}` : `${name} ${elapsed} · ${note}`;
    });
    const text = `  … ${parts.join("   ")}`.slice(0, (out.columns > 0 ? out.columns : 80) - 1);
    out.write(`\r\u001b[2K${dim(text)}`);
    shown = true;
  };
  const line = (text: string) => {
    clear();
    out.write(`${text}\n`);
    draw();
  };
  const begin = (name: string) => {
    const state = { since: Date.now(), note: "" };
    running.set(name, state);
    if (out.isTTY) timer ??= setInterval(draw, 200);
    draw();
    return state;
  };
  const finish = (name: string) => {
    running.delete(name);
    if (running.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    clear();
  };

  return {
    line,
    warn: (text) => line(`  ${yellow("!")} ${text}`),
    end() {
      running.clear();
      clearInterval(timer);
      clear();
    },
    async step(name, work) {
      const state = begin(name);
      const announce = setTimeout(() => {
        if (!out.isTTY) line(`  … ${name.padEnd(NAME_WIDTH)} ${state.note === "" ? "working" : state.note}`);
      }, 2000);
      const step: Step = {
        note(text) {
          state.note = text;
          draw();
        },
      };
      try {
        const detail = await work(step);
        const took = dim(duration(Date.now() - state.since).padStart(7));
        finish(name);
        line(`  ${green("✓")} ${bold(name.padEnd(NAME_WIDTH))} ${detail.padEnd(DETAIL_WIDTH)} ${took}`);
      } catch (error) {
        finish(name);
        const broken = error instanceof Error && error.name === "AbortError";
        line(broken ? dim(`  – ${name.padEnd(NAME_WIDTH)} broken off`) : `  ${red("✗")} ${bold(name)}`);
        throw error;
      } finally {
        clearTimeout(announce);
      }
    },
  };
}
