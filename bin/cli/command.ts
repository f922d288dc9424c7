/** One command of the CLI. `run` returns the exit code: 0 done, 1 failed; a UsageError becomes 2. */
export type Command = {
  /** The text of `--help`. */
  readonly usage: string;
  run(args: string[]): Promise<number>;
};

/** The command line itself is wrong: printed with a pointer to `--help`, exit code 2. */
export class UsageError extends Error {}
