"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useState } from "react";
import { Checkbox } from "#components/ui/toggle.tsx";
import { cn } from "#components/ui/cn.ts";
import { CopyButton } from "#components/ui/copy.tsx";

const LINE = 20;
/** Up to here all lines stand in the page, so that the browser's own search finds them. */
const PLAIN = 2000;
/** A longer line is shown up to here; nobody reads on, and the browser would lay all of it out. */
const WIDEST = 5000;

/** Text with line numbers; many lines are drawn as they come into view. */
export function TextView({ text }: { text: string }) {
  const lines = useMemo(() => text.replace(/\n$/, "").split(/\r?\n/), [text]);
  const [wrap, setWrap] = useState(false);
  const few = lines.length <= PLAIN;
  return (
    <>
      <div className="flex h-8 items-center justify-between gap-3 border-b px-3 text-xs text-muted">
        <span>
          {lines.length.toLocaleString("en")} {lines.length === 1 ? "line" : "lines"}
        </span>
        <span className="flex items-center gap-3">
          {few ? <Checkbox label="Wrap lines" checked={wrap} onCheckedChange={setWrap} /> : null}
          <CopyButton text={text} label="Copy the text" />
        </span>
      </div>
      {few ? <AllLines lines={lines} wrap={wrap} /> : <ManyLines lines={lines} />}
    </>
  );
}

function Line({ number, text, width, wrap }: { number: number; text: string; width: number; wrap?: boolean }) {
  return (
    <div className="flex">
      <span
        aria-hidden
        data-number={number}
        style={{ width: `${width + 2}ch` }}
        className="sticky left-0 shrink-0 bg-surface pr-[1ch] text-right text-muted select-none before:content-[attr(data-number)]"
      />
      <span className={cn("pr-3", wrap ? "min-w-0 break-words whitespace-pre-wrap" : "whitespace-pre")}>
        {text.length > WIDEST ? `${text.slice(0, WIDEST)}…` : text || " "}
      </span>
    </div>
  );
}

function AllLines({ lines, wrap }: { lines: readonly string[]; wrap: boolean }) {
  const width = String(lines.length).length;
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label="Text"
      className="max-h-[64vh] overflow-auto py-2 font-mono text-xs leading-5"
    >
      {lines.map((line, i) => (
        <Line key={i} number={i + 1} text={line} width={width} wrap={wrap} />
      ))}
    </div>
  );
}

function ManyLines({ lines }: { lines: readonly string[] }) {
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller,
    estimateSize: () => LINE,
    overscan: 20,
  });
  const width = String(lines.length).length;
  return (
    <div
      ref={setScroller}
      tabIndex={0}
      role="region"
      aria-label="Text"
      className="h-[64vh] overflow-auto font-mono text-xs leading-5"
    >
      <div className="relative min-w-max" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => (
          <div
            key={item.index}
            className="absolute top-0 left-0 w-full"
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <Line number={item.index + 1} text={lines[item.index] ?? ""} width={width} />
          </div>
        ))}
      </div>
    </div>
  );
}
