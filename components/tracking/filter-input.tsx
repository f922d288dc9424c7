"use client";

import { CircleHelp } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { ApiError } from "#components/ui/api.ts";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Input } from "#components/ui/input.tsx";
import { Popover } from "#components/ui/popover.tsx";
import { isAppError } from "#server/kernel/errors.ts";
import { parseComparisons } from "#server/kernel/comparisons.ts";

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
    parseComparisons(filter);
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

/** The filter with the wrong part underlined, and why it is wrong. */
function WrongPlace({ id, filter, wrong }: { id: string; filter: string; wrong: Wrong }) {
  return (
    <p id={id} role="alert" className="text-xs text-bad">
      <code className="font-mono whitespace-pre-wrap text-muted">
        {filter.slice(0, wrong.start)}
        <mark className="bg-bad-soft text-bad underline decoration-wavy underline-offset-2">
          {filter.slice(wrong.start, wrong.end) || "␣"}
        </mark>
        {filter.slice(wrong.end)}
      </code>
      <span className="block">{wrong.remedy ?? wrong.message}</span>
      {wrong.remedy === undefined ? null : <span className="block text-muted">{wrong.message}</span>}
    </p>
  );
}

const EXAMPLES: readonly { code: string; means: string }[] = [
  { code: "metrics.accuracy > 0.9", means: "latest value of a metric" },
  { code: "params.depth = '6'", means: "a parameter; texts stand in quotes" },
  {
    code: "metrics.`val loss` < 0.3 AND params.model LIKE 'tree%'",
    means: "several, joined by AND; names with spaces in backticks",
  },
  { code: "status = 'FINISHED'", means: "RUNNING, FINISHED, FAILED, KILLED" },
  { code: "run_name ILIKE '%baseline%'", means: "by name, whatever the case" },
  { code: "tags.team IS NOT NULL", means: "has a tag or parameter" },
  { code: "datasets.name = 'flights'", means: "made on a dataset that was logged" },
];

/** The search of the runs table, in the grammar of mlflow.search_runs. It asks once it is well formed and the typing rests, or at Enter. */
export function FilterInput({
  value,
  onChange,
  error,
  names,
}: {
  value: string;
  onChange: (filter: string) => void;
  /** What the last search answered, if it was refused. */
  error: unknown;
  /** Metrics and parameters of the runs in sight, to begin with. */
  names: readonly string[];
}) {
  const [text, setText] = useState(value);
  const [asked, setAsked] = useState(value);
  const id = useId();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // The address changed by itself, e.g. by the browser's back button.
  if (value !== asked) {
    setAsked(value);
    setText(value);
  }
  useEffect(() => () => clearTimeout(timer.current), []);

  const ask = (filter: string): void => {
    clearTimeout(timer.current);
    if (wrongSyntax(filter) !== null) return;
    setAsked(filter);
    onChange(filter);
  };
  const type = (filter: string): void => {
    setText(filter);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => ask(filter), 600);
  };
  const wrong = wrongSyntax(text) ?? (text === asked ? refused(error, text) : null);

  return (
    <div className="min-w-64 flex-1 space-y-1">
      <form
        className="flex items-center gap-1"
        onSubmit={(event) => {
          event.preventDefault();
          ask(text);
        }}
      >
        <Input
          mono
          value={text}
          onChange={(event) => type(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape" || text === "") return;
            setText("");
            ask("");
          }}
          placeholder="metrics.accuracy > 0.9 AND params.depth = '6'"
          aria-label="Filter runs"
          aria-invalid={wrong !== null}
          aria-describedby={wrong ? id : undefined}
          spellCheck={false}
          className="max-w-2xl"
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
                    onClick={() => type(code)}
                  >
                    <code className="font-mono text-xs break-words">{code}</code>
                    <span className="block text-xs text-muted">{means}</span>
                  </button>
                </li>
              ))}
            </ul>
            {names.length > 0 ? (
              <p className="text-xs text-muted">
                Here: <span className="font-mono break-words">{names.slice(0, 12).join(", ")}</span>
                {names.length > 12 ? ` and ${names.length - 12} more` : ""}
              </p>
            ) : null}
          </div>
        </Popover>
      </form>
      {wrong ? <WrongPlace id={id} filter={text} wrong={wrong} /> : null}
    </div>
  );
}
