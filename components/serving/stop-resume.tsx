"use client";

import { Play, Square } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";

interface Props {
  name: string;
  isStopped: boolean;
  /** What follows from resuming, and from stopping beyond the refusal that callers get. */
  resumeTouches: string;
  stopTouches: ReactNode;
  onAct: (what: "stop" | "resume", reason: string) => Promise<void>;
}

/** Stop or resume what answers callers: an endpoint, a service. */
export function StopResume({ name, isStopped, resumeTouches, stopTouches, onAct }: Props) {
  if (isStopped)
    return (
      <ConfirmDialog
        title={`Resume ${name}?`}
        touches={resumeTouches}
        action="Resume"
        reason="optional"
        onConfirm={(reason) => onAct("resume", reason)}
        trigger={<Button icon={<Play aria-hidden />}>Resume</Button>}
      />
    );
  return (
    <ConfirmDialog
      title={`Stop ${name}?`}
      touches={
        <>
          Every caller gets the answer 503 with your name and reason, within a second, until somebody resumes it.{" "}
          {stopTouches}
        </>
      }
      action={`Stop ${name}`}
      danger
      reason="required"
      reasonLabel="Reason, which callers read"
      onConfirm={(reason) => onAct("stop", reason)}
      trigger={<Button icon={<Square aria-hidden />}>Stop</Button>}
    />
  );
}
