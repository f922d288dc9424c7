import type { RunTrigger } from "./contract.ts";

/** What started a run, as the record of a run says it. */
export function triggerWords(trigger: RunTrigger, who: string): string {
  switch (trigger.kind) {
    case "person":
      return `started by ${who}`;
    case "token":
      return `started by a token of ${who}`;
    case "rerun":
      return `started by ${who}, repeating run ${trigger.number}`;
    case "reproduction":
      return `started by ${who}, reproducing run ${trigger.number}`;
    case "alert":
      return trigger.reason === "" ? "started by an alert" : `started by an alert: ${trigger.reason}`;
    case "system":
      return `started by ${trigger.by}`;
  }
}
