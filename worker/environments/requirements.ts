import { EnvironmentError } from "./failure.ts";

const FILE_OPTION = /^(-r|-c|-e|--requirement|--constraint|--editable)\b/;
const LOCAL = /^(\.{0,2}\/|file:)|@\s*file:/;

/**
 * Refuses lines that read other files of the repository: the environment is built once for its text, so all of it must stand here.
 * Throws EnvironmentError naming the line.
 */
export function checkRequirements(text: string, path: string): void {
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (FILE_OPTION.test(line) || LOCAL.test(line))
      throw new EnvironmentError(
        `${path}, line ${i + 1}: '${line.slice(0, 80)}' names a file of the repository. Write the packages into ${path} itself.`,
      );
  }
}

/** The lines that set where packages come from: they belong to the resolved list as well. */
export function optionLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => /^\s*--?(index-url|extra-index-url|find-links|no-index|trusted-host|pre|i|f)\b/.test(line));
}
