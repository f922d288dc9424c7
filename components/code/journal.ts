/** Text that was typed and not yet acknowledged by the server, kept in the browser so that a reload or crash does not lose it. */
export interface JournalEntry {
  readonly blob: string | null;
  readonly text: string;
}

const key = (project: string, branch: string, path: string): string => `touchstone:draft:${project}:${branch}:${path}`;

export function readJournal(project: string, branch: string, path: string): JournalEntry | null {
  try {
    const stored = localStorage.getItem(key(project, branch, path));
    return stored === null ? null : (JSON.parse(stored) as JournalEntry);
  } catch {
    return null;
  }
}

export function writeJournal(project: string, branch: string, path: string, entry: JournalEntry): void {
  try {
    localStorage.setItem(key(project, branch, path), JSON.stringify(entry));
  } catch {
    // A full or forbidden storage must not stop typing; the server still gets the text within a second.
  }
}

export function clearJournal(project: string, branch: string, path: string): void {
  try {
    localStorage.removeItem(key(project, branch, path));
  } catch {
    // Nothing to clear where nothing can be stored.
  }
}
