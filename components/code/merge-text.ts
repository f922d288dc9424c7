import { diff3Merge } from "node-diff3";

/**
 * Three-way merge of texts by lines: what only one side changed is taken from it. Null when both changed the same lines differently, so that a person
 * must choose.
 */
export function mergeText(mine: string, base: string, theirs: string): string | null {
  const lines = (text: string): string[] => text.split("\n");
  const blocks = diff3Merge(lines(mine), lines(base), lines(theirs), { excludeFalseConflicts: true });
  const merged: string[] = [];
  for (const block of blocks) {
    if (!block.ok) return null;
    merged.push(...block.ok);
  }
  return merged.join("\n");
}
