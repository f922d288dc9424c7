import { cn } from "#components/ui/cn.ts";
import type { FileStatus } from "#server/code/contract.ts";

const MARKS: Readonly<Record<FileStatus, { letter: string; word: string; look: string }>> = {
  added: { letter: "A", word: "new", look: "text-good" },
  modified: { letter: "M", word: "changed", look: "text-warn" },
  deleted: { letter: "D", word: "deleted", look: "text-bad" },
  renamed: { letter: "R", word: "renamed", look: "text-warn" },
  conflict: { letter: "!", word: "in conflict", look: "text-bad" },
};

/** The letter of a file's state, with its word for those who do not know the letters. */
export function StatusMark({ status }: { status: FileStatus }) {
  const mark = MARKS[status];
  return (
    <span className={cn("font-mono text-2xs", mark.look)} title={mark.word}>
      {mark.letter}
      <span className="sr-only"> {mark.word}</span>
    </span>
  );
}
