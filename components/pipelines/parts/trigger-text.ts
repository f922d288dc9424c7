import type { RunTrigger } from "#server/pipelines/contract.ts";

/** What started a run, in words. */
export function triggerText(trigger: RunTrigger, who: string): string {
  switch (trigger.kind) {
    case "person":
      return who;
    case "token":
      return `${who}, by token`;
    case "rerun":
      return `${who}, repeating run ${trigger.number}`;
    case "reproduction":
      return `${who}, reproducing run ${trigger.number}`;
    case "alert":
      return trigger.reason === "" ? "an alert" : `an alert: ${trigger.reason}`;
    case "system":
      return trigger.by;
  }
}
