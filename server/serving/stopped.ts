/** What callers and people read of a stopped endpoint or service. */
export function stoppedSentence(
  endpoint: string,
  by: string | null,
  at: Date | null,
  reason: string,
  kind: "endpoint" | "service" = "endpoint",
): string {
  const who = by === null ? "" : ` by ${by}`;
  const when = at === null ? "" : ` at ${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const why = reason === "" ? "" : `: ${reason.replace(/[.\s]+$/, "")}`;
  return `The ${kind} '${endpoint}' was stopped${who}${when}${why}. It answers again when somebody of its project resumes it.`;
}
