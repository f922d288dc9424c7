"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleHelp } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { ApiError } from "#components/ui/api.ts";
import { cn } from "#components/ui/cn.ts";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Input } from "#components/ui/input.tsx";
import { useLocalState } from "#components/ui/local-state.ts";
import { Popover } from "#components/ui/popover.tsx";
import { isAppError } from "#server/kernel/errors.ts";
import { parseComparisons } from "#server/kernel/comparisons.ts";
import type { RunKeyDto } from "#server/tracking/contract.ts";
import { asFilter } from "#server/tracking/contract.ts";
import { completionAt, type Suggestion, suggestionsFor, typedValue } from "./runs-table/filter-completion.ts";
import { valuesQuery } from "./runs-table/queries.ts";

interface Wrong {
  readonly message: string;
  /** What to write instead, in plain words. */
  readonly remedy: string | undefined;
  /** The characters that are wrong: first, and one past the last. */
  readonly start: number;
  readonly end: number;
}

function placeOf(value: unknown, length: number): { start: number; end: number } {
  const place = (typeof value === "object" && value !== null ? value : {}) as { start?: unknown; end?: unknown };
  const start = typeof place.start === "number" ? Math.min(place.start, length) : 0;
  return { start, end: typeof place.end === "number" ? Math.max(start, place.end) : length };
}

/** What the grammar says of a filter while it is typed, before any server is asked. */
function wrongSyntax(filter: string): Wrong | null {
  try {
    parseComparisons(asFilter(filter));
    return null;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { message: error.message, remedy: error.place.remedy, ...placeOf(error.place.value, filter.length) };
  }
}

/** What the server says of the filter it was asked for: names it does not know, values of the wrong kind. */
function refused(error: unknown, filter: string): Wrong | null {
  if (!(error instanceof ApiError) || error.field !== "filter") return null;
  return { message: error.message, remedy: error.remedy, ...placeOf(error.value, filter.length) };
}

/** The filter with the wrong part underlined, carets below it, and why it is wrong. */
function WrongPlace({ id, filter, wrong }: { id: string; filter: string; wrong: Wrong }) {
  const width = Math.max(1, wrong.end - wrong.start);
  return (
    <div id={id} role="alert" className="text-xs text-bad">
      <pre className="overflow-x-auto font-mono leading-4 text-muted">
        {filter.slice(0, wrong.start)}
        <mark className="bg-bad-soft text-bad underline decoration-wavy underline-offset-2">
          {filter.slice(wrong.start, wrong.end) || " "}
        </mark>
        {filter.slice(wrong.end)}
        <span aria-hidden className="block text-bad" data-caret={wrong.start}>
          {" ".repeat(wrong.start)}
          {"^".repeat(width)}
        </span>
      </pre>
      <span className="block">{wrong.remedy ?? wrong.message}</span>
      {wrong.remedy === undefined ? null : <span className="block text-muted">{wrong.message}</span>}
    </div>
  );
}

const EXAMPLES: readonly { code: string; means: string }[] = [
  { code: "baseline", means: "plain words search the names of runs" },
  { code: "metrics.accuracy > 0.9", means: "latest value of a metric" },
  { code: "params.depth = '6'", means: "a parameter; texts stand in quotes" },
  {
    code: "metrics.`val loss` < 0.3 AND params.model LIKE 'tree%'",
    means: "several, joined by AND; names with spaces in backticks",
  },
  { code: "status = 'FINISHED'", means: "RUNNING, FINISHED, FAILED, KILLED" },
  { code: "tags.team IS NOT NULL", means: "has a tag or parameter" },
  { code: "datasets.name = 'flights'", means: "made on a dataset that was logged" },
];

const RECENT = 8;
/** The typing rests: it is time to say what is wrong, and to ask. */
const RESTS_MS = 600;

/** The latest filters that found something to say, of this browser. */
function useRecent(project: string): [readonly string[], (filter: string) => void] {
  const [stored, store] = useLocalState(`filters.${project}`);
  const recent = useMemo(() => {
    try {
      const found: unknown = JSON.parse(stored ?? "[]");
      return Array.isArray(found) ? found.filter((each): each is string => typeof each === "string") : [];
    } catch {
      return [];
    }
  }, [stored]);
  const add = (filter: string): void => {
    if (filter.trim() === "") return;
    store(JSON.stringify([filter, ...recent.filter((each) => each !== filter)].slice(0, RECENT)));
  };
  return [recent, add];
}

interface FilterInputProps {
  readonly project: string;
  readonly experiment: number | null;
  readonly value: string;
  readonly onChange: (filter: string) => void;
  /** What the last search answered, if it was refused. */
  readonly error: unknown;
  readonly keys: readonly RunKeyDto[];
}

/**
 * The search of the runs table, in the grammar of mlflow.search_runs, or plain words for names. It completes what is being written, and asks once it is well
 * formed and the typing rests, or at Enter. "/" anywhere on the page jumps into it.
 */
export function FilterInput({ project, experiment, value, onChange, error, keys }: FilterInputProps) {
  const [text, setText] = useState(value);
  const [asked, setAsked] = useState(value);
  const [caret, setCaret] = useState(value.length);
  const [isOpen, setOpen] = useState(false);
  const [picked, setPicked] = useState(-1);
  const [rests, setRests] = useState(true);
  const [recent, remember] = useRecent(project);
  const id = useId();
  const box = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // The address changed by itself, e.g. by the browser's back button.
  if (value !== asked) {
    setAsked(value);
    setText(value);
  }
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    const jump = (event: globalThis.KeyboardEvent): void => {
      const target = event.target as HTMLElement | null;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target?.closest("input, textarea, select, [contenteditable], [role=dialog]") !== null) return;
      event.preventDefault();
      box.current?.focus();
    };
    document.addEventListener("keydown", jump);
    return () => document.removeEventListener("keydown", jump);
  }, []);

  const completion = useMemo(() => completionAt(text, Math.min(caret, text.length)), [text, caret]);
  const valued = completion.expects === "value" ? completion.name : "";
  const values = useQuery(valuesQuery(project, experiment, valued, valued === "" ? "" : typedValue(completion.typed)));
  const suggestions = useMemo((): readonly Suggestion[] => {
    if (!isOpen) return [];
    if (text === "" && recent.length > 0)
      return [
        ...recent.map((filter) => ({ text: filter, insert: filter, note: "recent" })),
        ...suggestionsFor(completion, keys, []).slice(0, 12),
      ];
    return suggestionsFor(completion, keys, values.data?.values ?? []);
  }, [isOpen, text, recent, completion, keys, values.data]);
  const listed = isOpen && suggestions.length > 0;
  const at = Math.min(picked, suggestions.length - 1);

  const ask = (filter: string): void => {
    clearTimeout(timer.current);
    setRests(true);
    if (wrongSyntax(filter) !== null) return;
    setAsked(filter);
    onChange(filter);
  };
  const type = (filter: string, place: number): void => {
    setText(filter);
    setCaret(place);
    setPicked(-1);
    setRests(false);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => ask(filter), RESTS_MS);
  };
  const choose = (suggestion: Suggestion): void => {
    const isWhole = suggestion.note === "recent";
    const next = isWhole
      ? suggestion.insert
      : text.slice(0, completion.from) + suggestion.insert + text.slice(completion.to).replace(/^\s+/, "");
    const place = isWhole ? next.length : completion.from + suggestion.insert.length;
    type(next, place);
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(place, place);
    });
  };
  const submit = (): void => {
    setOpen(false);
    remember(text);
    ask(text);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const suggestion = suggestions[at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!listed) setOpen(true);
      else
        setPicked((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + suggestions.length) % suggestions.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && listed && suggestion) choose(suggestion);
    else if (event.key === "Enter") submit();
    else if (event.key === "Escape" && listed) setOpen(false);
    else if (event.key === "Escape" && text !== "") {
      type("", 0);
      ask("");
    } else return;
    event.preventDefault();
  };
  const wrong = rests ? (wrongSyntax(text) ?? (text === asked ? refused(error, text) : null)) : null;

  return (
    <div className="relative min-w-64 flex-1 space-y-1">
      <div className="flex items-center gap-1">
        <Input
          ref={box}
          mono
          role="combobox"
          value={text}
          onChange={(event) => {
            setOpen(true);
            type(event.target.value, event.target.selectionStart ?? event.target.value.length);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
          placeholder="Words in a name, or metrics.accuracy > 0.9 AND params.depth = '6'"
          aria-label="Filter runs"
          aria-expanded={listed}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={listed && at >= 0 ? `${id}-${at}` : undefined}
          aria-invalid={wrong !== null}
          aria-describedby={wrong ? `${id}-wrong` : undefined}
          spellCheck={false}
        />
        <Popover
          label="How to filter"
          className="w-[min(440px,90vw)]"
          trigger={<IconButton label="How to filter" icon={<CircleHelp aria-hidden />} />}
        >
          <div className="space-y-2 text-sm">
            <p className="text-muted">The filter of mlflow.search_runs. Choose an example to start from it.</p>
            <ul className="space-y-1">
              {EXAMPLES.map(({ code, means }) => (
                <li key={code}>
                  <button
                    type="button"
                    className="w-full rounded-md px-2 py-1 text-left hover:bg-raised"
                    onClick={() => type(code, code.length)}
                  >
                    <code className="font-mono text-xs break-words">{code}</code>
                    <span className="block text-xs text-muted">{means}</span>
                  </button>
                </li>
              ))}
            </ul>
          </div>
        </Popover>
      </div>
      {listed ? (
        <ul
          id={`${id}-list`}
          role="listbox"
          aria-label="Completions"
          className="absolute top-9 left-0 z-60 max-h-72 w-[min(480px,90vw)] overflow-y-auto rounded-md border bg-surface p-1 shadow-float"
        >
          {suggestions.map((suggestion, i) => (
            <li
              key={`${suggestion.note} ${suggestion.text}`}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === at}
              ref={(item) => {
                if (i === at) item?.scrollIntoView({ block: "nearest" });
              }}
              // The input must keep the focus: a click that took it away would close the list first.
              onMouseDown={(event) => {
                event.preventDefault();
                choose(suggestion);
              }}
              className={cn(
                "flex cursor-default items-center gap-3 rounded-sm px-2 py-1 text-xs",
                i === at ? "bg-raised" : "hover:bg-raised",
              )}
            >
              <span className="min-w-0 flex-1 truncate font-mono">{suggestion.text}</span>
              <span className="shrink-0 text-muted">{suggestion.note}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {wrong ? <WrongPlace id={`${id}-wrong`} filter={text} wrong={wrong} /> : null}
    </div>
  );
}
