"use client";

import { useEffect, useRef } from "react";
import { followTheme } from "./editor.tsx";
import { applyTheme, languageOf, monaco } from "./monaco.ts";

interface Props {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** One column with what was taken away above what came, instead of two columns. */
  readonly unified?: boolean;
  /** Called with the right side's text when it may be edited. */
  readonly onEdit?: (text: string) => void;
}

/** Two texts side by side; below 800 px, or when asked for, in one column. */
export function DiffView({ path, before, after, unified = false, onEdit }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const edit = useRef(onEdit);
  useEffect(() => {
    edit.current = onEdit;
  }, [onEdit]);

  const editable = onEdit !== undefined;
  useEffect(() => {
    if (!host.current) return;
    const language = languageOf(path);
    const [original, modified] = [
      monaco.editor.createModel(before, language),
      monaco.editor.createModel(after, language),
    ];
    const created = monaco.editor.createDiffEditor(host.current, {
      automaticLayout: true,
      readOnly: !editable,
      originalEditable: false,
      renderSideBySide: !unified,
      renderSideBySideInlineBreakpoint: 800,
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      fontFamily: "var(--font-geist-mono), ui-monospace, monospace",
      fontSize: 12,
      hideUnchangedRegions: { enabled: !editable },
      // Where unchanged lines are folded, what differs is near: the ruler would be a grey bar as high as the window.
      renderOverviewRuler: editable,
    });
    // A view model of our own: one made by setModel from two texts is never disposed, so a difference still being computed when the view goes would
    // end as an uncaught error about the texts that went with it.
    const compared = created.createViewModel({ original, modified });
    created.setModel(compared);
    const offTheme = followTheme(applyTheme);
    modified.onDidChangeContent(() => edit.current?.(modified.getValue()));
    return () => {
      offTheme();
      created.dispose();
      compared.dispose();
      original.dispose();
      modified.dispose();
    };
  }, [path, before, after, unified, editable]);

  return <div ref={host} className="h-full min-h-64 w-full" data-testid="diff" />;
}
