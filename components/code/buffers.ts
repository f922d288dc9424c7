import type { Conflict, FileDto } from "#server/code/contract.ts";
import { clearJournal, readJournal, writeJournal } from "./journal.ts";
import { mergeText } from "./merge-text.ts";
import { languageOf, monaco } from "./monaco.ts";
import { fetchFile } from "./queries.ts";
import { saveFile } from "./save-file.ts";

const AUTOSAVE_MS = 800;
const RETRY_MS = 3_000;

export type BufferState = "saved" | "dirty" | "saving" | "failed" | "conflict";

/** One open file: Monaco's model and how far its text is from what is stored. */
export interface Buffer {
  readonly path: string;
  readonly model: monaco.editor.ITextModel;
  /** The stored content that the text was edited from. */
  blob: string | null;
  state: BufferState;
  /** What was stored meanwhile, while a person must choose. */
  conflict: Conflict | null;
  error: string | null;
  viewState: monaco.editor.ICodeEditorViewState | null;
  /** Text that was typed before a reload and had not been stored. */
  restored: boolean;
}

interface Timers {
  save: ReturnType<typeof setTimeout> | undefined;
  saving: Promise<void> | null;
}

/**
 * The open files of one workspace. Typing is stored after a pause; a text stays in the browser's journal until the server has acknowledged it, so neither a
 * reload nor a lost connection loses it; a save that meets another change merges, or asks.
 */
export class Buffers {
  readonly #open = new Map<string, Buffer>();
  readonly #timers = new Map<string, Timers>();
  readonly #listeners = new Set<() => void>();
  readonly #project: string;
  readonly #branch: string;
  readonly #readOnly: boolean;
  #snapshot: readonly Buffer[] = [];

  constructor(project: string, branch: string, readOnly: boolean) {
    this.#project = project;
    this.#branch = branch;
    this.#readOnly = readOnly;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  readonly snapshot = (): readonly Buffer[] => this.#snapshot;

  #changed(): void {
    this.#snapshot = [...this.#open.values()].map((buffer) => ({ ...buffer }));
    for (const listener of this.#listeners) listener();
  }

  get(path: string): Buffer | undefined {
    return this.#open.get(path);
  }

  /** Opens a file, or answers the one that is open. A text left in the journal is put back. Null for a file that is not text. */
  async open(path: string): Promise<Buffer | null> {
    const known = this.#open.get(path);
    if (known) return known;
    const file = await fetchFile(this.#project, this.#branch, path, this.#readOnly);
    if (file.text === null) return null;
    return this.#open.get(path) ?? this.#add(file, file.text);
  }

  #add(file: FileDto, text: string): Buffer {
    const uri = monaco.Uri.from({
      scheme: "touchstone",
      authority: this.#project,
      path: `/${this.#branch}/${file.path}`,
    });
    monaco.editor.getModel(uri)?.dispose();
    const journal = this.#readOnly ? null : readJournal(this.#project, this.#branch, file.path);
    const restored = journal !== null && journal.text !== text;
    const model = monaco.editor.createModel(restored ? journal.text : text, languageOf(file.path), uri);
    model.setEOL(text.includes("\r\n") ? monaco.editor.EndOfLineSequence.CRLF : monaco.editor.EndOfLineSequence.LF);
    const buffer: Buffer = {
      path: file.path,
      model,
      blob: restored ? journal.blob : file.blob,
      state: restored ? "dirty" : "saved",
      conflict: null,
      error: null,
      viewState: null,
      restored,
    };
    this.#open.set(file.path, buffer);
    this.#timers.set(file.path, { save: undefined, saving: null });
    if (!this.#readOnly) model.onDidChangeContent(() => this.#typed(buffer));
    if (restored) this.#later(buffer, 0);
    this.#changed();
    return buffer;
  }

  #typed(buffer: Buffer): void {
    writeJournal(this.#project, this.#branch, buffer.path, { blob: buffer.blob, text: buffer.model.getValue() });
    if (buffer.state === "conflict") return;
    buffer.state = "dirty";
    this.#later(buffer, AUTOSAVE_MS);
    this.#changed();
  }

  #later(buffer: Buffer, ms: number): void {
    const timers = this.#timers.get(buffer.path);
    if (!timers) return;
    clearTimeout(timers.save);
    timers.save = setTimeout(() => void this.save(buffer.path), ms);
  }

  /** Stores a file now if it is not. One save at a time per file. */
  async save(path: string): Promise<void> {
    const [buffer, timers] = [this.#open.get(path), this.#timers.get(path)];
    if (!buffer || !timers || this.#readOnly) return;
    clearTimeout(timers.save);
    if (timers.saving) await timers.saving;
    if (buffer.state === "saved" || buffer.state === "conflict") return;
    timers.saving = this.#store(buffer).finally(() => {
      timers.saving = null;
    });
    await timers.saving;
  }

  /** Stores every open file; true when all are. */
  async saveAll(): Promise<boolean> {
    await Promise.all([...this.#open.keys()].map((path) => this.save(path)));
    return [...this.#open.values()].every((buffer) => buffer.state === "saved");
  }

  async #store(buffer: Buffer, settles = false): Promise<void> {
    const text = buffer.model.getValue();
    buffer.state = "saving";
    this.#changed();
    try {
      const outcome = await saveFile(this.#project, this.#branch, buffer.path, text, buffer.blob, settles);
      if (outcome.kind === "saved") this.#acknowledge(buffer, text, outcome.blob);
      else this.#meet(buffer, text, outcome.conflict);
    } catch (error) {
      buffer.state = "failed";
      buffer.error = error instanceof Error ? error.message : String(error);
      this.#later(buffer, RETRY_MS);
    }
    this.#changed();
  }

  #acknowledge(buffer: Buffer, text: string, blob: string): void {
    buffer.blob = blob;
    buffer.error = null;
    buffer.restored = false;
    if (buffer.model.getValue() === text) {
      buffer.state = "saved";
      clearJournal(this.#project, this.#branch, buffer.path);
    } else {
      buffer.state = "dirty";
      this.#later(buffer, AUTOSAVE_MS);
    }
  }

  /** The stored text is another than the one this was edited from: put both together, or keep both and let the person choose. */
  #meet(buffer: Buffer, text: string, conflict: Conflict): void {
    const theirs = conflict.current?.text ?? null;
    const merged = theirs !== null && conflict.base !== null ? mergeText(text, conflict.base, theirs) : null;
    if (theirs !== null && (merged !== null || theirs === text)) {
      buffer.blob = conflict.current?.blob ?? null;
      if (merged !== null && merged !== text) this.#replace(buffer, merged);
      buffer.state = "dirty";
      this.#later(buffer, 0);
    } else {
      buffer.state = "conflict";
      buffer.conflict = conflict;
    }
  }

  /** Ends a conflict with the text that the person chose. */
  async resolve(path: string, text: string, against: string | null, settles: boolean): Promise<void> {
    const buffer = this.#open.get(path);
    if (!buffer) return;
    buffer.conflict = null;
    buffer.state = "dirty";
    buffer.blob = against;
    this.#replace(buffer, text);
    await this.#store(buffer, settles);
  }

  #replace(buffer: Buffer, text: string): void {
    buffer.model.pushEditOperations([], [{ range: buffer.model.getFullModelRange(), text }], () => null);
  }

  /** Takes over stored content that changed elsewhere, for files without unsaved text; keeps the cursor. */
  async refresh(): Promise<void> {
    const untouched = (buffer: Buffer): boolean => buffer.state === "saved";
    for (const buffer of [...this.#open.values()].filter(untouched)) {
      const file = await fetchFile(this.#project, this.#branch, buffer.path, this.#readOnly).catch(() => null);
      // Typing may have begun while the file was on its way.
      if (!file || file.text === null || !untouched(buffer)) continue;
      buffer.blob = file.blob;
      if (file.text === buffer.model.getValue()) continue;
      this.#replace(buffer, file.text);
      buffer.state = "saved";
      clearTimeout(this.#timers.get(buffer.path)?.save);
      clearJournal(this.#project, this.#branch, buffer.path);
    }
    this.#changed();
  }

  /** Closes a file after storing it. A text that could not be stored stays in the journal and comes back when the file is opened again. */
  async close(path: string): Promise<void> {
    await this.save(path);
    this.forget(path);
  }

  /** Closes a file without storing it, e.g. because it was deleted or renamed. */
  forget(path: string): void {
    clearTimeout(this.#timers.get(path)?.save);
    this.#open.get(path)?.model.dispose();
    this.#open.delete(path);
    this.#timers.delete(path);
    this.#changed();
  }

  dispose(): void {
    for (const path of [...this.#open.keys()]) this.forget(path);
  }
}
