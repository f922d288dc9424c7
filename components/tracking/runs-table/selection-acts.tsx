"use client";

import { Crosshair, GitCompareArrows, Pin, Trash2, Undo2, X } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import { ChooseRun } from "../choose-run.tsx";
import { PurgeChosen } from "../purge.tsx";
import type { Marks } from "./use-marks.ts";

/** A choice among more runs is made by a search, without a selection. */
const CHOOSABLE = 100;

interface Props {
  readonly project: string;
  readonly experiment: number | null;
  /** Ids of the selected runs. */
  readonly chosen: readonly string[];
  readonly metrics: readonly string[];
  readonly marks: Marks;
  readonly writable: boolean;
  /** The table shows deleted runs. */
  readonly deleted: boolean;
  readonly onCompare: () => void;
  readonly onRestore: () => void;
  readonly onPurge: () => void;
  readonly onDelete: () => void;
  readonly onClear: () => void;
}

/** What can be done with the selected runs together. */
export function SelectionActs(props: Props) {
  const { project, experiment, chosen, metrics, marks, writable, deleted } = props;
  const { onCompare, onRestore, onPurge, onDelete, onClear } = props;
  return (
    <div role="toolbar" aria-label="Acts for the selection" className="flex flex-wrap items-center gap-2">
      <span className="text-sm font-medium" data-number>
        {plural(chosen.length, "run")} selected
      </span>
      <Button
        size="sm"
        variant="primary"
        icon={<GitCompareArrows aria-hidden />}
        disabled={chosen.length < 2}
        onClick={onCompare}
      >
        Compare {formatNumber(chosen.length)}
      </Button>
      {chosen.length <= CHOOSABLE ? (
        <ChooseRun
          project={project}
          experiment={experiment}
          runs={chosen}
          metrics={metrics}
          trigger={
            <Button size="sm" icon={<Crosshair aria-hidden />}>
              Choose…
            </Button>
          }
        />
      ) : null}
      {chosen.length <= 1000 ? (
        <Button
          size="sm"
          icon={<Pin aria-hidden />}
          onClick={() => marks.change(chosen, { pinned: !chosen.every((id) => marks.of(id)?.pinned === true) })}
        >
          {chosen.every((id) => marks.of(id)?.pinned === true) ? "Unpin" : "Pin"}
        </Button>
      ) : null}
      {writable && deleted ? (
        <Button size="sm" icon={<Undo2 aria-hidden />} onClick={onRestore}>
          Restore
        </Button>
      ) : null}
      {writable && deleted ? <PurgeChosen onPurge={onPurge} /> : null}
      {writable && !deleted ? (
        <Button size="sm" icon={<Trash2 aria-hidden />} onClick={onDelete}>
          Delete
        </Button>
      ) : null}
      <Button variant="ghost" size="sm" icon={<X aria-hidden />} onClick={onClear}>
        Clear selection
      </Button>
    </div>
  );
}
