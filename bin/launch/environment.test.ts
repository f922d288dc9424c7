import { expect, test } from "vitest";
import { childEnvironment } from "./environment.ts";

test("no process that the product starts reports to the maker of a library", () => {
  expect(childEnvironment({})).toMatchObject({
    NEXT_TELEMETRY_DISABLED: "1",
    CHECKPOINT_DISABLE: "1",
    ORT_DISABLE_TELEMETRY: "1",
  });
});
