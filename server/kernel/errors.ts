/** The one error table: every refusal has a code from here, and every protocol derives its status from it. */
export const ERROR_STATUS = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale: 412,
  too_large: 413,
  unsupported_media: 415,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
  timed_out: 504,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

export interface ErrorPlace {
  /** The input field that is wrong, as the caller wrote it ("inputs[0].data[17]"). */
  readonly field?: string;
  /** The offending value, shortened for display. */
  readonly value?: unknown;
  /** What the caller can do now, as a sentence. */
  readonly remedy?: string;
  /** The page where it goes on, as a link that says where it leads. */
  readonly page?: { readonly href: string; readonly label: string };
  /** Further places, e.g. one per wrong field of a form. */
  readonly issues?: readonly { field: string; message: string }[];
  readonly cause?: unknown;
}

/**
 * A refusal that a person or program can act on. Anything else that is thrown is a defect and reaches the caller only as a bland 500
 * with a request id.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly place: ErrorPlace;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.name = "AppError";
    this.code = code;
    this.place = place;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** Whether `error` is an AppError, optionally with one of the given codes. */
export function isAppError(error: unknown, ...codes: readonly ErrorCode[]): error is AppError {
  return error instanceof AppError && (codes.length === 0 || codes.includes(error.code));
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
