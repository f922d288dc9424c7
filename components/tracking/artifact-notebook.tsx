"use client";

import { useMemo } from "react";
import { Markdown } from "./parts/markdown.tsx";
import { type NotebookOutput, readNotebook } from "./notebook.ts";
import { TextView } from "./artifact-text.tsx";

/** A notebook as it was saved: its text, its code and what the code printed. Nothing in it runs. */
export function NotebookView({ text, resolve }: { text: string; resolve: (address: string) => string | null }) {
  const notebook = useMemo(() => readNotebook(text), [text]);
  if (!notebook) return <TextView text={text} />;
  return (
    <div tabIndex={0} role="region" aria-label="Notebook" className="max-h-[70vh] space-y-3 overflow-auto px-3 py-3">
      {notebook.cells.map((cell, i) =>
        cell.kind === "markdown" ? (
          <div key={i} className="pl-14">
            <Markdown text={cell.text} resolve={resolve} />
          </div>
        ) : (
          <div key={i} className="grid grid-cols-[3rem_minmax(0,1fr)] gap-2">
            <span className="pt-2 text-right font-mono text-2xs text-muted">
              {cell.kind === "code" ? `[${cell.count ?? " "}]` : ""}
            </span>
            <div className="min-w-0 space-y-2">
              <pre
                tabIndex={0}
                className="overflow-auto rounded-md border bg-raised px-3 py-2 font-mono text-xs leading-5"
              >
                {cell.text}
              </pre>
              {cell.kind === "code" ? cell.outputs.map((output, j) => <Output key={j} output={output} />) : null}
            </div>
          </div>
        ),
      )}
    </div>
  );
}

/** The style that a table of a notebook gets: its own is made for Jupyter's page. */
const STYLE =
  "<style>body{font:12px system-ui,sans-serif;margin:4px;color:#1c1a17;background:#fff}table{border-collapse:collapse}td,th{padding:2px 8px;border-bottom:1px solid #e4e0d9;text-align:right}</style>";

function Output({ output }: { output: NotebookOutput }) {
  if (output.kind === "image")
    return <img src={output.address} alt="Output of the cell" className="max-w-full rounded-sm bg-white" />;
  if (output.kind === "markdown") return <Markdown text={output.text} />;
  if (output.kind === "html") {
    // Without scripts nobody can ask the frame for its height; rows of a table tell it well enough.
    const rows = output.html.match(/<tr/g)?.length ?? 6;
    return (
      <iframe
        title="Output of the cell"
        sandbox=""
        srcDoc={STYLE + output.html}
        style={{ height: Math.min(480, 24 + rows * 24) }}
        className="w-full resize-y overflow-auto rounded-sm border bg-white"
      />
    );
  }
  return (
    <pre
      tabIndex={0}
      className={`max-h-96 overflow-auto px-3 py-1 font-mono text-xs leading-5 whitespace-pre-wrap ${output.kind === "error" ? "rounded-sm bg-bad-soft text-bad" : ""}`}
    >
      {output.text}
    </pre>
  );
}
