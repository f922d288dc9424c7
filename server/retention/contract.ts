import { z } from "zod";

/** What is to be purged: named deleted runs, deleted experiments with all they hold, or whatever was deleted so many days ago. */
export const PurgeWanted = z.union([
  z.object({ runIds: z.array(z.string().min(1).max(64)).min(1, "Name at least one run.").max(10_000) }),
  z.object({ experiments: z.array(z.coerce.number().int().min(0)).min(1, "Name at least one experiment.").max(1000) }),
  z.object({ olderThanDays: z.coerce.number().int().min(0).max(3650) }),
]);
export type PurgeWanted = z.infer<typeof PurgeWanted>;

/** Something that a purge leaves alone, and why. */
export interface KeptDto {
  readonly kind: "run" | "model" | "experiment";
  readonly id: string;
  readonly name: string;
  readonly why: string;
}

/** What a purge would remove and free now. */
export interface PurgePlanDto {
  readonly runs: number;
  readonly models: number;
  readonly experiments: number;
  readonly points: number;
  readonly files: number;
  /** The sizes of all these files. */
  readonly bytes: number;
  /** Of these, what nobody else refers to: the bytes that leave the disk. */
  readonly freed: number;
  readonly kept: readonly KeptDto[];
  readonly keptTotal: number;
  /** Runs nested below those that go: they stay, and their parent is no longer known. */
  readonly below: number;
}

export interface PurgeDto {
  readonly id: string;
  readonly status: "queued" | "running" | "done" | "failed";
  readonly error: string | null;
  readonly runsTotal: number;
  readonly runs: number;
  readonly models: number;
  readonly experiments: number;
  readonly points: number;
  readonly files: number;
  /** Bytes that nobody refers to any more, and how many of them have left the disk. */
  readonly bytes: number;
  readonly bytesFreed: number;
  readonly kept: readonly KeptDto[];
  readonly createdBy: string;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

/** Days after which deleted things are purged by themselves; null: never. */
export const RetentionInput = z.object({ deletedDays: z.number().int().min(1).max(3650).nullable() });

/** How long content that nobody refers to waits before it leaves the disk, in minutes. */
export const ASIDE_MINUTES = 60;
