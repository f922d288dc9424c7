import type { Conflict } from "#server/code/contract.ts";
import { ApiError } from "#components/ui/api.ts";

export type SaveOutcome =
  | { readonly kind: "saved"; readonly blob: string }
  | { readonly kind: "stale"; readonly conflict: Conflict };

/** Saves one file of the draft against the blob it was edited from. Throws ApiError or a network error; a stale save is an outcome, not an error. */
export async function saveFile(
  project: string,
  branch: string,
  path: string,
  text: string,
  expected: string | null,
  settles = false,
): Promise<SaveOutcome> {
  const query = new URLSearchParams({ branch, path });
  const response = await fetch(`/api/v1/projects/${project}/code/file?${query}`, {
    method: "PUT",
    headers: {
      "content-type": "application/json",
      ...(expected === null ? { "if-none-match": "*" } : { "if-match": `"${expected}"` }),
    },
    body: JSON.stringify({ text, settles }),
    // The last save when a tab closes must still arrive; browsers allow that for small bodies.
    keepalive: text.length < 50_000,
  });
  const body = (await response.json()) as Record<string, unknown>;
  if (response.ok) return { kind: "saved", blob: String(body["blob"]) };
  if (response.status === 412) return { kind: "stale", conflict: body["conflict"] as Conflict };
  throw new ApiError(body as unknown as ConstructorParameters<typeof ApiError>[0]);
}
