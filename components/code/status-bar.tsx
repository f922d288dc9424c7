"use client";

import { CircleCheck, CloudOff, GitBranch, LoaderCircle, TriangleAlert } from "lucide-react";
import type { Buffer } from "./buffers.ts";
import type { Position } from "./editor.tsx";
import { languageOf } from "./monaco.ts";

function Saved({ buffer }: { buffer: Buffer }) {
  switch (buffer.state) {
    case "saved":
      return (
        <>
          <CircleCheck aria-hidden /> Saved
        </>
      );
    case "conflict":
      return (
        <>
          <TriangleAlert aria-hidden /> Waits for you to merge
        </>
      );
    case "failed":
      return (
        <>
          <CloudOff aria-hidden /> Not saved: {buffer.error}. Your text is kept in this browser and sent again.
        </>
      );
    case "dirty":
    case "saving":
      return (
        <>
          <LoaderCircle aria-hidden /> Saving
        </>
      );
  }
}

/** Where one is: branch, commit, whether the text is stored, position, language. */
export function StatusBar({
  branch,
  commit,
  buffer,
  position,
}: {
  branch: string;
  commit: string | undefined;
  buffer: Buffer | undefined;
  position: Position;
}) {
  return (
    <footer className="col-span-2 flex h-6 items-center gap-4 overflow-hidden border-t bg-raised px-3 text-2xs whitespace-nowrap text-muted [&_svg]:size-3">
      <span className="flex items-center gap-1">
        <GitBranch aria-hidden /> {branch}
      </span>
      {commit ? <span className="font-mono">{commit.slice(0, 8)}</span> : null}
      <span className="flex min-w-0 items-center gap-1 truncate" role="status">
        {buffer ? <Saved buffer={buffer} /> : null}
      </span>
      <span className="flex-1" />
      {buffer ? (
        <span className="tabular-nums">
          Line {position.line}, column {position.column}
        </span>
      ) : null}
      {buffer ? <span>{languageOf(buffer.path)}</span> : null}
    </footer>
  );
}
