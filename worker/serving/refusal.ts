/** A request that is answered with an error. The text names the place and the remedy; it goes to the caller as {"error": text}. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** A 400 for one place of the body: `inputs[0].data[17]: expected …, got …; remedy`. */
export function wrong(place: string, expected: string, got: unknown, remedy?: string): Refusal {
  return new Refusal(400, `${place}: expected ${expected}, got ${show(got)}${remedy ? `; ${remedy}` : ""}`);
}

/** A value as the caller wrote it, shortened. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch {
    // Nested deeper than the stack is.
    text = Array.isArray(value) ? "a list" : "an object";
  }
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
