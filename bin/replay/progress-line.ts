import { dim, duration } from "../cli/terminal.ts";

const WIDTH = 24;
/** Weight of the newest measurement in the rate that is shown. */
const SMOOTHING = 0.3;
const MEASURE_MS = 500;

export interface ProgressLine {
  /** `done` of the total; `words` is what has been done, in words. */
  readonly update: (done: number, words: string) => void;
  readonly end: () => void;
}

/** A bar with rate and time left in one line of the terminal; elsewhere a line every five seconds. */
export function progressLine(
  total: number,
  unit: string,
  out: NodeJS.WriteStream = process.stdout,
  now: () => number = () => performance.now(),
): ProgressLine {
  const started = now();
  let last = { at: started, done: 0 };
  let rate: number | null = null;
  let printed = started;

  return {
    update(done, words) {
      const at = now();
      if (at - last.at >= MEASURE_MS) {
        const measured = ((done - last.done) / (at - last.at)) * 1000;
        rate = rate === null ? measured : rate + SMOOTHING * (measured - rate);
        last = { at, done };
      }
      if (at - printed < (out.isTTY ? 100 : 5000)) return;
      printed = at;
      const share = Math.min(1, done / Math.max(1, total));
      const filled = Math.round(share * WIDTH);
      const bar = `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)}`;
      const left = rate === null || rate <= 0 ? "" : ` · ${duration(((total - done) / rate) * 1000)} left`;
      const speed = rate === null ? "" : ` · ${count(rate)} ${unit}/s`;
      const text = `${Math.floor(share * 100)}% · ${words}${speed}${left}`;
      if (out.isTTY)
        out.write(
          `\r\u001b[2K  ${bar} ${dim(text.slice(0, Math.max(20, (out.columns > 0 ? out.columns : 80) - WIDTH - 4)))}`,
        );
      else out.write(`  ${text}\n`);
    },
    end() {
      if (out.isTTY) out.write("\r\u001b[2K");
    },
  };
}

/** 165,081 */
export function count(n: number): string {
  return Math.round(n).toLocaleString("en-GB");
}
