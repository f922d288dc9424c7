"use client";

import { useState } from "react";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Buffer, Buffers } from "./buffers.ts";
import { MergeDialog } from "./merge-dialog.tsx";

interface Props {
  readonly project: string;
  readonly branch: string;
  readonly buffers: Buffers;
  readonly open: readonly Buffer[];
  /** Files that newer commits of the branch and the draft changed in ways that cannot be put together. */
  readonly conflicts: readonly string[];
  readonly onDone: () => void;
}
interface Waiting {
  readonly path: string;
  readonly theirs: string | null;
  readonly mine: string;
  /** The blob that the merged text will be saved against. */
  readonly against: string | null;
  readonly settles: boolean;
}

/** Says which files wait for a person to merge, and opens the merge. */
export function MergeWaiting({ project, branch, buffers, open, conflicts, onDone }: Props) {
  const [merging, setMerging] = useState<Waiting | null>(null);
  const stale = open.filter((buffer) => buffer.state === "conflict");
  const paths = [...new Set([...stale.map((buffer) => buffer.path), ...conflicts])];
  if (paths.length === 0 && !merging) return null;

  const start = async (path: string): Promise<void> => {
    const buffer = (await buffers.open(path)) ?? undefined;
    if (!buffer) return;
    const mine = buffer.model.getValue();
    if (buffer.conflict) {
      setMerging({
        path,
        mine,
        theirs: buffer.conflict.current?.text ?? null,
        against: buffer.conflict.current?.blob ?? null,
        settles: false,
      });
      return;
    }
    const theirs = await api<{ text: string | null }>(`/api/v1/projects/${project}/code/blob`, {
      query: { ref: branch, path },
    }).catch(() => ({ text: null }));
    setMerging({ path, mine, theirs: theirs.text, against: buffer.blob, settles: true });
  };
  return (
    <>
      <div
        role="alert"
        className="flex flex-wrap items-center gap-3 border-b bg-warn-soft px-3 py-1.5 text-xs text-warn"
      >
        {paths.length === 1
          ? `${paths[0] ?? ""} was changed elsewhere in the same lines.`
          : `${paths.length} files were changed elsewhere in the same lines.`}{" "}
        Your text is kept.
        {paths.map((path) => (
          <Button
            key={path}
            size="sm"
            onClick={() =>
              void start(path).catch((error: unknown) => {
                toast.error(error);
              })
            }
          >
            Merge {path.split("/").at(-1)}
          </Button>
        ))}
      </div>
      {merging ? (
        <MergeDialog
          path={merging.path}
          theirs={merging.theirs}
          mine={merging.mine}
          onLater={() => {
            setMerging(null);
          }}
          onResolve={(text) => {
            const { path, against, settles } = merging;
            setMerging(null);
            void buffers.resolve(path, text, against, settles).then(onDone);
          }}
        />
      ) : null}
    </>
  );
}
