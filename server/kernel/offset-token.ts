import { AppError } from "./errors.ts";

/** The page token of a list that is read by position, in the form MLflow clients pass back: base64 of {"offset": n}. */
export function offsetToken(offset: number): string {
  return btoa(JSON.stringify({ offset }));
}

const refuse = (why: string) => new AppError("invalid_input", `Invalid page token, ${why}`, { field: "page_token" });

/** The position that a token names; 0 without one. Errors: invalid_input. */
export function offsetOf(token: string | null | undefined): number {
  if (!token) return 0;
  let text: string;
  try {
    text = atob(token);
  } catch {
    throw refuse("could not base64-decode");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refuse(`decoded value=${text}`);
  }
  const offset = typeof parsed === "object" && parsed !== null && "offset" in parsed ? Number(parsed.offset) : NaN;
  if (!Number.isSafeInteger(offset) || offset <= 0) throw refuse(`parsed value=${text}`);
  return offset;
}

/** Cuts a list that was read with one row too many, and names the next page. */
export function cutPage<T>(
  rows: readonly T[],
  offset: number,
  size: number,
): { page: readonly T[]; next: string | null } {
  return { page: rows.slice(0, size), next: rows.length > size ? offsetToken(offset + size) : null };
}
