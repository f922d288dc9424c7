/**
 * What the router is not told about the address, and what it does not tell: whether the address says more than the server was asked for, and whether
 * the reader is on the way to another page.
 */

/** A navigation that has not arrived by then has failed, and the page that is shown stays. */
const DEPARTURE_MS = 10_000;

let moves = 0;
let ahead: string | null = null;
let departure: { readonly to: string; readonly at: number } | null = null;

/** The address has another search now, and no page was asked for: it was written, or the reader went back or forward. */
export function noteMove(): void {
  moves += 1;
  ahead = window.location.pathname;
  departure = null;
}

/** How often the address has moved; another number means that it moved in between. */
export function readMoves(): number {
  return moves;
}

/** Whether the search of the address is another one than the server was last asked for. */
export function isAddressAhead(): boolean {
  return ahead === window.location.pathname;
}

/** The server has answered with the page of this address. */
export function noteAnswered(): void {
  ahead = null;
}

const placeOf = ({ pathname, search }: { pathname: string; search: string }) => pathname + search;

/** The router goes to this address, relative or absolute; it is shown once the page is there. */
export function noteDeparture(href: string): void {
  departure = { to: placeOf(new URL(href, window.location.href)), at: Date.now() };
}

/** Whether another page, or this one with another search, has been asked for and is still on its way. */
export function isLeaving(): boolean {
  return departure !== null && departure.to !== placeOf(window.location) && Date.now() - departure.at < DEPARTURE_MS;
}
