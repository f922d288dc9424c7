"use client";

import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { DiffView } from "./diff-view.tsx";

interface Props {
  readonly path: string;
  /** What is stored now; null when the file was deleted. */
  readonly theirs: string | null;
  readonly mine: string;
  readonly onResolve: (text: string) => void;
  readonly onLater: () => void;
}

/** Two versions of a file that cannot be put together by themselves: the stored one left, one's own right and editable. Neither is lost. */
export function MergeDialog({ path, theirs, mine, onResolve, onLater }: Props) {
  const [text, setText] = useState(mine);
  return (
    <Dialog
      title={`Merge ${path}`}
      description={
        theirs === null
          ? "The file was deleted meanwhile; your text is at the right. Save it to bring the file back."
          : "Left is what is stored now, right is your text. Take over what you need, then save the right side."
      }
      open
      onOpenChange={(open) => {
        if (!open) onLater();
      }}
      size="xl"
      footer={
        <>
          <Button variant="ghost" onClick={onLater}>
            Decide later
          </Button>
          {theirs === null ? null : (
            <Button
              onClick={() => {
                onResolve(theirs);
              }}
            >
              Take the stored text
            </Button>
          )}
          <Button
            variant="primary"
            onClick={() => {
              onResolve(text);
            }}
          >
            Save the right side
          </Button>
        </>
      }
    >
      <div className="h-[60vh]">
        <DiffView path={path} before={theirs ?? ""} after={mine} onEdit={setText} />
      </div>
    </Dialog>
  );
}
