"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine, ChevronDown, ChevronUp, Download } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { plural } from "#components/ui/format.ts";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Input } from "#components/ui/input.tsx";
import type { AttemptDto } from "#server/pipelines/contract.ts";
import { plainLine, spansOf } from "./log-lines.ts";
import { pipelinesPath } from "./queries.ts";
import { useLog } from "./use-log.ts";

const LINE_HEIGHT = 18;

/** The log of one attempt: follows its end while it grows, until the reader scrolls up; can be searched and downloaded. */
export function LogView({ project, run, attempt }: { project: string; run: number; attempt: AttemptDto }) {
  const { lines, complete, loading, error } = useLog(project, run, attempt.id);
  const [following, setFollowing] = useState(true);
  const [query, setQuery] = useState("");
  const [hit, setHit] = useState(0);
  const sought = useDeferredValue(query.trim().toLowerCase());
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 30,
  });
  const hits = useMemo(() => {
    if (sought === "") return [];
    return lines.flatMap((line, i) => (plainLine(line).toLowerCase().includes(sought) ? [i] : []));
  }, [lines, sought]);
  const current = hits[Math.min(hit, hits.length - 1)];
  const marked = useMemo(() => new Set(hits), [hits]);

  useEffect(() => {
    if (following && lines.length > 0 && sought === "") virtual.scrollToIndex(lines.length - 1, { align: "end" });
  }, [following, lines.length, sought, virtual]);
  useEffect(() => {
    if (current !== undefined) virtual.scrollToIndex(current, { align: "center" });
  }, [current, virtual]);

  const step = (by: number) => {
    if (hits.length > 0) setHit((Math.min(hit, hits.length - 1) + by + hits.length) % hits.length);
  };
  const onScroll = () => {
    const element = box.current;
    if (element === null) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < LINE_HEIGHT * 2;
    if (atEnd !== following) setFollowing(atEnd);
  };
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Input
          aria-label="Search the log"
          placeholder="Search the log"
          className="w-56"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setHit(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
          }}
        />
        {sought === "" ? null : (
          <>
            <span className="text-xs text-muted" data-number role="status">
              {hits.length === 0 ? "Not found" : `${Math.min(hit, hits.length - 1) + 1} of ${hits.length}`}
            </span>
            <IconButton label="Previous" size="sm" icon={<ChevronUp aria-hidden />} onClick={() => step(-1)} />
            <IconButton label="Next" size="sm" icon={<ChevronDown aria-hidden />} onClick={() => step(1)} />
          </>
        )}
        <span className="ml-auto text-xs text-muted" data-number>
          {plural(lines.length, "line")}
        </span>
        {following || lines.length === 0 ? null : (
          <Button size="sm" icon={<ArrowDownToLine aria-hidden />} onClick={() => setFollowing(true)}>
            {complete ? "To the end" : "Follow"}
          </Button>
        )}
        <a
          href={pipelinesPath(project, `pipeline-runs/${run}/attempts/${attempt.id}/log.txt`)}
          download
          className="inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-xs text-muted hover:bg-raised hover:text-text"
        >
          <Download className="size-3.5" aria-hidden /> Download
        </a>
      </div>
      {error === null ? null : <ErrorNote error={error} title="The log could not be read" />}
      <div
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-label="Log"
        aria-live="off"
        className="max-h-[min(56vh,560px)] min-h-24 overflow-auto rounded-md border bg-bg py-1 font-mono text-xs"
        style={{ height: lines.length * LINE_HEIGHT + 12 }}
      >
        {lines.length === 0 ? (
          <p className="p-3 text-muted">
            {loading ? "Reading the log…" : complete ? "It wrote nothing." : "Nothing written yet."}
          </p>
        ) : (
          <div className="relative min-w-max" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => (
              <LogLine
                key={item.key}
                number={item.index + 1}
                line={lines[item.index] ?? ""}
                top={item.start}
                look={item.index === current ? "current" : marked.has(item.index) ? "hit" : "plain"}
              />
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

function LogLine({
  number,
  line,
  top,
  look,
}: {
  number: number;
  line: string;
  top: number;
  look: "plain" | "hit" | "current";
}) {
  const own = line.startsWith("[touchstone] ");
  return (
    <div
      className={cn(
        "absolute left-0 flex w-full whitespace-pre",
        look === "hit" && "bg-raised",
        look === "current" && "bg-info-soft",
        own && "text-info",
      )}
      style={{ top, height: LINE_HEIGHT, lineHeight: `${LINE_HEIGHT}px` }}
    >
      <span className="sticky left-0 w-14 shrink-0 bg-inherit pr-3 text-right text-muted select-none" data-number>
        {number}
      </span>
      <span className="pr-4">
        {spansOf(line).map((span, i) => (
          <span key={i} className={span.className}>
            {span.text}
          </span>
        ))}
      </span>
    </div>
  );
}
