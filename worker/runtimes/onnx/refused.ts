import { AppError, messageOf } from "#server/kernel/errors.ts";

/** An error on its way from a thread or process: classes do not pass between them. */
export interface Refused {
  readonly message: string;
  /** Of an error that says what to do. */
  readonly place?: {
    readonly field: string | undefined;
    readonly value: unknown;
    readonly remedy: string | undefined;
  };
}

/** What goes wrong there, as it is sent. */
export function refusedBy(error: unknown): Refused {
  if (!(error instanceof AppError)) return { message: messageOf(error) };
  const { field, value, remedy } = error.place;
  return { message: error.message, place: { field, value, remedy } };
}

/** The error again: an AppError `invalid_input` where one was thrown. */
export function errorOf({ message, place }: Refused): Error {
  if (!place) return new Error(message);
  const { field, value, remedy } = place;
  return new AppError("invalid_input", message, {
    ...(field === undefined ? {} : { field }),
    ...(remedy === undefined ? {} : { remedy }),
    value,
  });
}
