export interface SplitDetails {
  readonly before: string | null;
  readonly after: string | null;
  readonly rest: string | null;
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** An event's details as JSON text: what was before, what is after, and the rest; null for what is not there. */
export function splitDetails(details: unknown): SplitDetails {
  if (typeof details !== "object" || details === null || Array.isArray(details))
    return { before: null, after: null, rest: details === null || details === undefined ? null : json(details) };
  const { before, after, ...rest } = details as Record<string, unknown>;
  return {
    before: before === undefined ? null : json(before),
    after: after === undefined ? null : json(after),
    rest: Object.keys(rest).length === 0 ? null : json(rest),
  };
}
