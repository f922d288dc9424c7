import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { UsageError } from "./command.ts";

/** The values of the flags in `options`; anything else on the line is a UsageError that names it. */
export function parseFlags<T extends ParseArgsOptionsConfig>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const name = /'(-[^' ]*)/.exec(message)?.[1] ?? "";
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw new UsageError(`There is no flag ${name}.`);
    if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") {
      const word = /argument '([^']*)'/.exec(message)?.[1] ?? "";
      throw new UsageError(`'${word}' was not expected here.`);
    }
    if (code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE")
      throw new UsageError(`The flag ${name} is used wrongly: ${message}`);
    throw error;
  }
}

/** The value of a flag that must be there. */
export function required(value: string | undefined, flag: string): string {
  if (value === undefined || value.trim() === "") throw new UsageError(`${flag} is missing.`);
  return value.trim();
}

/** A whole number within [min, max] from a flag. */
export function wholeNumber(value: string, flag: string, min: number, max: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max)
    throw new UsageError(`${flag} takes a whole number from ${min} to ${max}, not '${value}'.`);
  return number;
}
