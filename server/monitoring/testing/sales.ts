const DAY_MS = 86_400_000;

/** One row of the dataset `sales`, as written and as a prediction carries it. */
export interface Sale {
  readonly at: number;
  readonly size: number;
  readonly count: number;
  readonly flag: boolean;
  readonly city: string;
  readonly bought: "yes" | "no";
}

/** 400 sales of January 2013: sizes 0.1 to 4.0, every second one flagged, three in four from Oslo. */
export const BASE: readonly Sale[] = Array.from({ length: 400 }, (_, i) => ({
  at: Date.UTC(2013, 0, 1) + (i % 31) * DAY_MS + i * 60_000,
  size: ((i % 40) + 1) / 10,
  count: i % 7,
  flag: i % 2 === 0,
  city: i % 4 === 3 ? "Rome" : "Oslo",
  bought: i % 3 === 0 ? "yes" : "no",
}));

/** A file with a key out of order, the date and year of each row, and a note that no model uses. */
export function salesCsv(rows: readonly Sale[]): string {
  const lines = rows.map((row, i) => {
    const at = new Date(row.at).toISOString();
    const key = ((i * 7) % rows.length) + 1;
    return `${key},${at.slice(0, 19).replace("T", " ")},${at.slice(0, 10)},${at.slice(0, 4)},${row.size},${row.count},${String(row.flag)},${row.city},n${i},${row.bought}`;
  });
  return `id,at,day,year,size,count,flag,city,note,bought\n${lines.join("\n")}\n`;
}

/** A prediction to log: a sale, what was answered, and what is known of the outcome. */
export interface Logged extends Sale {
  readonly probability: number;
  readonly known: boolean;
}

/** The start of a month of 2013. */
export const month = (number: number) => Date.UTC(2013, number - 1, 1);

/** 200 rows of a month like the base: 160 have an outcome, of which 144 are predicted right. */
export function calm(start: number): Logged[] {
  return BASE.slice(0, 200).map((sale, i) => {
    const isRight = i % 10 !== 0;
    const said = isRight === (sale.bought === "yes");
    return {
      ...sale,
      at: start + (i % 28) * DAY_MS,
      probability: said ? 0.7 + (i % 5) / 20 : 0.1 + (i % 5) / 20,
      known: i < 160,
    };
  });
}
/** The same with three in four from Rome, and only 112 of 160 right. */
export function moved(start: number): Logged[] {
  return calm(start).map((row, i) => {
    const said = i % 10 >= 3 === (row.bought === "yes");
    return { ...row, city: i % 4 === 3 ? "Oslo" : "Rome", probability: said ? 0.8 : 0.2 };
  });
}
