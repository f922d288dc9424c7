import {
  Archive,
  Ban,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleHelp,
  CirclePause,
  CircleX,
  Clock,
  GitMerge,
  LoaderCircle,
  PenLine,
  Radio,
  Recycle,
  SkipForward,
  TriangleAlert,
  Undo2,
} from "lucide-react";
import type { ReactNode } from "react";
import { Badge, type Tone } from "./badge.tsx";
import { humanise } from "./format.ts";

type Look = { tone: Tone; icon: ReactNode; word?: string | undefined };

const spin = <LoaderCircle className="animate-spin" aria-hidden />;
const done = <CircleCheck aria-hidden />;
const failed = <CircleX aria-hidden />;
const clock = <Clock aria-hidden />;
const dashed = <CircleDashed aria-hidden />;
const dot = <CircleDot aria-hidden />;
const ban = <Ban aria-hidden />;
const alert = <TriangleAlert aria-hidden />;
const pause = <CirclePause aria-hidden />;
const help = <CircleHelp aria-hidden />;
const pen = <PenLine aria-hidden />;
const radio = <Radio aria-hidden />;
const archive = <Archive aria-hidden />;

/** One look for each state word of runs, steps, checks, requests, endpoints, monitors, reviews and jobs. */
const LOOKS: Record<string, Look> = {
  queued: { tone: "neutral", icon: clock },
  scheduled: { tone: "neutral", icon: clock },
  pending: { tone: "neutral", icon: clock },
  waiting: { tone: "warn", icon: clock },
  waiting_approval: { tone: "warn", icon: clock, word: "Waits for approval" },
  blocked: { tone: "warn", icon: ban },
  starting: { tone: "info", icon: spin },
  running: { tone: "info", icon: spin },
  in_progress: { tone: "info", icon: spin, word: "Running" },
  processing: { tone: "info", icon: spin },
  stopping: { tone: "info", icon: spin },
  cancelling: { tone: "info", icon: spin },
  retrying: { tone: "warn", icon: spin },
  syncing: { tone: "info", icon: spin },
  rolling_out: { tone: "info", icon: spin, word: "Rolling out" },
  importing: { tone: "info", icon: spin },
  profiling: { tone: "info", icon: spin },
  finished: { tone: "good", icon: done },
  succeeded: { tone: "good", icon: done },
  success: { tone: "good", icon: done, word: "Succeeded" },
  completed: { tone: "good", icon: done },
  done: { tone: "good", icon: done },
  passed: { tone: "good", icon: done },
  approved: { tone: "good", icon: done },
  ready: { tone: "good", icon: done },
  healthy: { tone: "good", icon: done },
  ok: { tone: "good", icon: done, word: "OK" },
  active: { tone: "good", icon: done },
  resolved: { tone: "good", icon: done },
  live: { tone: "good", icon: radio },
  serving: { tone: "good", icon: radio },
  connected: { tone: "good", icon: radio },
  promoted: { tone: "good", icon: done },
  merged: { tone: "good", icon: <GitMerge aria-hidden /> },
  cached: { tone: "good", icon: <Recycle aria-hidden /> },
  failed: { tone: "bad", icon: failed },
  error: { tone: "bad", icon: failed },
  refused: { tone: "bad", icon: failed },
  rejected: { tone: "bad", icon: failed, word: "Refused" },
  reverted: { tone: "bad", icon: <Undo2 aria-hidden /> },
  crashed: { tone: "bad", icon: failed },
  killed: { tone: "bad", icon: failed },
  lost: { tone: "bad", icon: failed },
  unhealthy: { tone: "bad", icon: failed },
  critical: { tone: "bad", icon: failed },
  disconnected: { tone: "bad", icon: failed },
  invalid: { tone: "bad", icon: ban },
  timed_out: { tone: "bad", icon: clock, word: "Timed out" },
  warning: { tone: "warn", icon: alert },
  degraded: { tone: "warn", icon: alert },
  drifted: { tone: "warn", icon: alert },
  alerting: { tone: "warn", icon: alert },
  firing: { tone: "bad", icon: alert },
  acknowledged: { tone: "warn", icon: alert },
  changes_requested: { tone: "warn", icon: pen, word: "Changes asked for" },
  waived: { tone: "warn", icon: alert },
  stale: { tone: "warn", icon: clock },
  inconclusive: { tone: "warn", icon: help },
  canceled: { tone: "neutral", icon: ban, word: "Cancelled" },
  cancelled: { tone: "neutral", icon: ban },
  superseded: { tone: "neutral", icon: clock },
  withdrawn: { tone: "neutral", icon: ban },
  revoked: { tone: "neutral", icon: ban },
  skipped: { tone: "neutral", icon: <SkipForward aria-hidden /> },
  draft: { tone: "neutral", icon: pen },
  open: { tone: "info", icon: dot },
  closed: { tone: "neutral", icon: done },
  paused: { tone: "neutral", icon: pause },
  stopped: { tone: "neutral", icon: pause },
  disabled: { tone: "neutral", icon: pause },
  idle: { tone: "neutral", icon: pause },
  expired: { tone: "neutral", icon: clock },
  archived: { tone: "neutral", icon: archive },
  deleted: { tone: "neutral", icon: archive },
  unknown: { tone: "neutral", icon: help },
};

/** Tone of a state word, for a dot or a bar that stands beside its StatusBadge. */
export function statusTone(status: string): Tone {
  return LOOKS[normalise(status)]?.tone ?? "neutral";
}

/** The state of a run, step, check, request, endpoint or job: always icon and word; `label` replaces the word. */
export function StatusBadge({
  status,
  label,
  size,
  title,
}: {
  status: string;
  label?: string | undefined;
  size?: "sm" | "md" | undefined;
  title?: string | undefined;
}) {
  const look: Look = LOOKS[normalise(status)] ?? { tone: "neutral", icon: dashed };
  return (
    <Badge tone={look.tone} icon={look.icon} size={size} title={title}>
      {label ?? look.word ?? humanise(status.toLowerCase())}
    </Badge>
  );
}

function normalise(status: string): string {
  return status.toLowerCase().replaceAll(/[\s-]+/g, "_");
}
