"use client";

import { useEffect, useRef } from "react";
import type { Buffers } from "./buffers.ts";
import { applyTheme, monaco } from "./monaco.ts";

export interface Position {
  readonly line: number;
  readonly column: number;
}
interface Props {
  readonly buffers: Buffers;
  readonly path: string | null;
  readonly readOnly: boolean;
  readonly onPosition: (position: Position) => void;
}

const OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontFamily: "var(--font-geist-mono), ui-monospace, monospace",
  fontSize: 13,
  lineHeight: 20,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  renderLineHighlight: "line",
  smoothScrolling: false,
  tabSize: 2,
  detectIndentation: true,
  padding: { top: 8 },
  ariaLabel: "Editor",
  fixedOverflowWidgets: true,
};

/** Whether the page is dark now: the person's choice, else the system's. */
function isDark(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
}

/** Calls `follow` now and whenever the page turns dark or light. */
export function followTheme(follow: (dark: boolean) => void): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const tell = (): void => {
    follow(isDark());
  };
  const observer = new MutationObserver(tell);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  media.addEventListener("change", tell);
  tell();
  return () => {
    observer.disconnect();
    media.removeEventListener("change", tell);
  };
}

/** The text editor: one Monaco for all open files, each with its own model, undo history and place. */
export function Editor({ buffers, path, readOnly, onPosition }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(null);
  const shown = useRef<string>(null);

  useEffect(() => {
    if (!host.current) return;
    const created = monaco.editor.create(host.current, { ...OPTIONS, readOnly, model: null });
    editor.current = created;
    const offTheme = followTheme(applyTheme);
    created.onDidChangeCursorPosition(({ position }) => {
      onPosition({ line: position.lineNumber, column: position.column });
    });
    created.onDidBlurEditorText(() => {
      if (shown.current) void buffers.save(shown.current);
    });
    created.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () => {
      if (shown.current) void buffers.save(shown.current);
    });
    return () => {
      offTheme();
      created.dispose();
      editor.current = null;
    };
  }, [buffers, readOnly, onPosition]);

  useEffect(() => {
    const current = editor.current;
    if (!current) return;
    const leaving = shown.current ? buffers.get(shown.current) : undefined;
    if (leaving) leaving.viewState = current.saveViewState();
    const buffer = path ? buffers.get(path) : undefined;
    shown.current = buffer ? path : null;
    current.setModel(buffer?.model ?? null);
    if (buffer?.viewState) current.restoreViewState(buffer.viewState);
    if (buffer) current.focus();
  }, [buffers, path]);

  return <div ref={host} className="h-full w-full" data-testid="editor" />;
}
