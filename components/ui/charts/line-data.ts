/** One point of a line; y null is a gap; low and high draw a band. */
export type LinePoint = { x: number; y: number | null; low?: number | undefined; high?: number | undefined };

export type Annotation = { x: number; label: string; kind?: "promotion" | "alert" | "deployment" | undefined };

/** One x with what every series says there: `s0` the value, `s0p1` the value within the second unbroken piece, `…band` the band. */
export type LineRow = {
  x: number;
  [value: `s${number}`]: number | null;
  [piece: `s${number}p${number}`]: number;
  [band: `b${number}p${number}`]: [number, number];
};

/** An unbroken piece of a series: where its values and its band stand in the rows, and how many points it has. */
export type Piece = {
  series: number;
  value: `s${number}p${number}`;
  band: `b${number}p${number}`;
  points: number;
  banded: boolean;
};

/**
 * Joins series over their x values, ascending, so that one cursor reads them all. A series that says nothing at another's x is
 * drawn on across it; a point with y null breaks the line: so each series falls into pieces.
 */
export function joinSeries(series: readonly { points: readonly LinePoint[] }[]): { rows: LineRow[]; pieces: Piece[] } {
  const rows = new Map<number, LineRow>();
  const pieces: Piece[] = [];
  series.forEach(({ points }, index) => {
    let piece: Piece | null = null;
    let count = 0;
    for (const { x, y, low, high } of [...points].sort((a, b) => a.x - b.x)) {
      const row = rows.get(x) ?? { x };
      rows.set(x, row);
      if (y === null || !Number.isFinite(y)) {
        row[`s${index}`] = null;
        piece = null;
        continue;
      }
      if (piece === null) {
        piece = { series: index, value: `s${index}p${count}`, band: `b${index}p${count}`, points: 0, banded: false };
        pieces.push(piece);
        count += 1;
      }
      piece.points += 1;
      row[`s${index}`] = y;
      row[piece.value] = y;
      if (low !== undefined && high !== undefined) {
        row[piece.band] = [low, high];
        piece.banded = true;
      }
    }
  });
  return { rows: [...rows.values()].sort((a, b) => a.x - b.x), pieces };
}

/** A letter of an annotation, as a share of the width of a chart that has half of a page. */
const LETTER = 0.012;

/**
 * The annotations within [first, last]. A word begins at its line, or ends there where it would leave the chart on the right; one that would
 * cover another is left out and its line kept: the tooltip tells it.
 */
export function labelledAnnotations(
  all: readonly Annotation[],
  first: number,
  last: number,
): (Annotation & { text: string; anchor: "start" | "end" })[] {
  let free = Number.NEGATIVE_INFINITY;
  return all
    .filter((each) => each.x >= first && each.x <= last)
    .sort((a, b) => a.x - b.x)
    .map((each) => {
      const short = each.label.length > 22 ? `${each.label.slice(0, 21)}…` : each.label;
      const width = (last - first) * LETTER * short.length;
      const anchor = each.x + width > last ? "end" : "start";
      const from = anchor === "end" ? each.x - width : each.x;
      if (from < free) return { ...each, text: "", anchor };
      free = from + width;
      return { ...each, text: short, anchor };
    });
}

/** The labels of annotations within 1% of the width around x, for the tooltip. */
export function annotationsNear(all: readonly Annotation[], x: number, span: number): string | undefined {
  const near = all.filter((each) => Math.abs(each.x - x) <= span * 0.01).map((each) => each.label);
  return near.length === 0 ? undefined : near.join(" · ");
}
