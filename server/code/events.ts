import { z } from "zod";
import { defineEvent } from "#server/platform/jobs.ts";

/** A branch has a new commit, by commit in the browser or by push. */
export const codePushed = defineEvent(
  "code.pushed",
  z.object({ projectId: z.string(), branch: z.string(), commit: z.string() }),
);
