import { dim, duration } from "../cli/terminal.ts";

const WIDTH = 24;
/** Weight of the newest measurement in the rate that is shown. */
const SMOOTHING = 0.3;

export interface ProgressLine {
  readonly update: (done: number, note: string) => void;
  readonly end: () => void;
}

/** A bar with counts, rate and time left in one line of the terminal; elsewhere a line every five seconds. */
export function progressLine(total: number, unit: string, out: NodeJS.WriteStream = process.stdout): ProgressLine {
  const started = performance.now();
  let last = { at: started, done: 0 };
  let rate: number | null = null;
  let printed = started;

  return {
    update(done, note) {
      const now = performance.now();
      if (now - last.at >= 500) {
        const measured = ((done - last.done) / (now - last.at)) * 1000;
        rate = rate === null ? measured : rate + SMOOTHING * (measured - rate);
        last = { at: now, done };
      }
      if (now - printed < (out.isTTY ? 100 : 5000) && done < total) return;
      printed = now;
      const filled = Math.round((done / Math.max(1, total)) * WIDTH);
      const bar = `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)}`;
      const left = rate === null || rate <= 0 ? "" : ` · ${duration(((total - done) / rate) * 1000)} left`;
      const speed = rate === null ? "" : ` · ${count(rate)} ${unit}/s`;
      const words = `${count(done)} of ${count(total)} ${unit}${speed}${left}${note === "" ? "" : ` · ${note}`}`;
      if (!out.isTTY) out.write(`  ${words}\n`);
      else out.write(`\r\u001b[2K  ${bar} ${dim(words)}`.slice(0, Math.max(40, out.columns + 20)));
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
