/** Rows [from, to) of a traffic file. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The id of the request that asks about rows from `from` on; the server makes one id per row of it. */
export function requestId(key: string, from: number): string {
  return `${prefixOf(key)}${from}`;
}

export function prefixOf(key: string): string {
  return `replay-${key}-`;
}

/** The prediction ids of a request of `rows` rows, as the protocol names them. */
export function predictionIds(key: string, { from, to }: Span): string[] {
  const id = requestId(key, from);
  return to - from === 1 ? [id] : Array.from({ length: to - from }, (_, i) => `${id}:${i}`);
}

/** The row that a prediction id means, however large the requests were that it came with. */
export function rowOf(key: string, id: string): number {
  const [start = "", offset = "0"] = id.slice(prefixOf(key).length).split(":");
  return Number(start) + Number(offset);
}

/** Splits the rows of `spans` that are not in `done` into pieces of at most `size` neighbouring rows. */
export function remaining(span: Span, done: ReadonlySet<number>, size: number): Span[] {
  const pieces: Span[] = [];
  let from = span.from;
  for (let row = span.from; row <= span.to; row += 1) {
    const ends = row === span.to || done.has(row);
    if ((ends || row - from === size) && row > from) pieces.push({ from, to: row });
    if (ends) from = row + 1;
    else if (row - from === size) from = row;
  }
  return pieces;
}
