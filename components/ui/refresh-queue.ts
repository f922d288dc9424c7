import { isAddressAhead, isLeaving, noteAnswered, readMoves } from "./address.ts";

/** A page whose answer got lost is asked for again this long after it was asked for at the earliest: a slider that is dragged loses each of them. */
const PACE_MS = 1000;
/** An answer that is not there by then holds nothing back any more. */
const OVERDUE_MS = 10_000;

/**
 * Says when the server is asked for the page again: once at a time, and what is wanted meanwhile afterwards; once more where the address moved before the
 * answer came, because the router may have thrown it away; and not while another page is on its way, which it would take back.
 */
export class RefreshQueue {
  readonly #ask: (addressIsAhead: boolean) => void;
  #asked: { readonly moves: number; readonly path: string; readonly at: number } | null = null;
  #wanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Whoever asks calls `onAnswered` when the page is shown or the asking was given up. */
  constructor(ask: (addressIsAhead: boolean) => void) {
    this.#ask = ask;
  }

  want(): void {
    const now = Date.now();
    this.#wanted = true;
    if (this.#asked !== null && now - this.#asked.at < OVERDUE_MS) return;
    if (isLeaving()) {
      this.#wantIn(PACE_MS);
      return;
    }
    this.#wanted = false;
    this.#asked = { moves: readMoves(), path: window.location.pathname, at: now };
    this.#ask(isAddressAhead());
  }

  onAnswered(): void {
    const [asked, wanted] = [this.#asked, this.#wanted];
    this.#asked = null;
    this.#wanted = false;
    if (asked === null || asked.path !== window.location.pathname) return;
    const moved = asked.moves !== readMoves();
    if (!moved) noteAnswered();
    if (wanted) this.want();
    else if (moved) this.#wantIn(Math.max(0, asked.at + PACE_MS - Date.now()));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wantIn(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.want();
    }, ms);
  }
}
