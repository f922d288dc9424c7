import * as monaco from "monaco-editor/editor/editor.api.js";
import "monaco-editor/features/register.all.js";
import "monaco-editor/languages/definitions/dockerfile/register.js";
import "monaco-editor/languages/definitions/ini/register.js";
import "monaco-editor/languages/definitions/javascript/register.js";
import "monaco-editor/languages/definitions/markdown/register.js";
import "monaco-editor/languages/definitions/python/register.js";
import "monaco-editor/languages/definitions/shell/register.js";
import "monaco-editor/languages/definitions/sql/register.js";
import "monaco-editor/languages/definitions/typescript/register.js";
import "monaco-editor/languages/definitions/yaml/register.js";
import "monaco-editor/languages/features/json/register.js";

// Workers come from our own address: the content policy allows no other, and nothing is fetched from outside.
globalThis.MonacoEnvironment = {
  getWorker(_id: string, label: string) {
    if (label === "json")
      return new Worker(new URL("monaco-editor/language/json/json.worker.js", import.meta.url), { type: "module" });
    return new Worker(new URL("monaco-editor/editor/editor.worker.js", import.meta.url), { type: "module" });
  },
};

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The colour of a token as Monaco wants it: #rrggbb. */
function hex(name: string, fallback: string): string {
  const canvas = document.createElement("canvas").getContext("2d");
  if (!canvas) return fallback;
  canvas.fillStyle = fallback;
  canvas.fillStyle = token(name) || fallback;
  return canvas.fillStyle;
}

/** Defines and applies the editor's theme from the page's colours of now. */
export function applyTheme(dark: boolean): void {
  const name = dark ? "touchstone-dark" : "touchstone-light";
  monaco.editor.defineTheme(name, {
    base: dark ? "vs-dark" : "vs",
    inherit: true,
    rules: [],
    colors: {
      "editor.background": hex("--surface", dark ? "#161513" : "#ffffff"),
      "editor.foreground": hex("--text", dark ? "#ece9e4" : "#1c1a17"),
      "editorLineNumber.foreground": hex("--muted", "#8a847b"),
      "editorGutter.background": hex("--surface", dark ? "#161513" : "#ffffff"),
      "editorWidget.background": hex("--raised", dark ? "#1f1d1a" : "#f3f1ed"),
      "editor.lineHighlightBackground": hex("--raised", dark ? "#1f1d1a" : "#f3f1ed"),
      focusBorder: hex("--steel", "#3b82c4"),
    },
  });
  monaco.editor.setTheme(name);
}

const LANGUAGES: Readonly<Record<string, string>> = {
  py: "python",
  ts: "typescript",
  tsx: "typescript",
  js: "javascript",
  mjs: "javascript",
  json: "json",
  yaml: "yaml",
  yml: "yaml",
  md: "markdown",
  sql: "sql",
  sh: "shell",
  toml: "ini",
  cfg: "ini",
  ini: "ini",
};

/** Monaco's language for a path. */
export function languageOf(path: string): string {
  if (/(^|\/)Dockerfile$/.test(path)) return "dockerfile";
  return LANGUAGES[path.split(".").at(-1) ?? ""] ?? "plaintext";
}

export { monaco };
