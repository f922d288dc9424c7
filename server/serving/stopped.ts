/** What callers and people read of a stopped endpoint. */
export function stoppedSentence(endpoint: string, by: string | null, at: Date | null, reason: string): string {
  const who = by === null ? "" : ` by ${by}`;
  const when = at === null ? "" : ` at ${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const why = reason === "" ? "" : `: ${reason.replace(/[.\s]+$/, "")}`;
  return `The endpoint '${endpoint}' was stopped${who}${when}${why}. It answers again when somebody of its project resumes it.`;
}
