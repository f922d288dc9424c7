import { AppError } from "#server/kernel/errors.ts";
import type { HandlerContext } from "./route.ts";

/** What every address of the API is that none of its routes has. Rejects with AppError `not_found`. */
export function nothingHere({ request }: Pick<HandlerContext, "request">): Promise<never> {
  const { pathname } = new URL(request.url);
  return Promise.reject(
    new AppError("not_found", `There is no ${request.method} ${pathname}.`, {
      field: "path",
      value: pathname,
      remedy: "Compare the address with docs/application.md.",
    }),
  );
}
