import { z } from "zod";

/** What an approver signs, as canonical JSON. A field that is added later raises `v`, so that an older reader refuses instead of overlooking it. */
export const ApprovalStatement = z.strictObject({
  type: z.literal("touchstone/approval"),
  v: z.literal(1),
  projectId: z.string(),
  modelId: z.string(),
  versionId: z.string(),
  version: z.number().int(),
  /** Of the version's file. */
  sha256: z.string(),
  runtime: z.string(),
  requestId: z.string(),
  requestNumber: z.number().int(),
  digest: z.string(),
  /** SHA-256 of the policy's text. */
  policy: z.string(),
  /** How many different people must approve. */
  reviewers: z.number().int().min(1),
  requestedBy: z.string().nullable(),
  /** Ids of those who may not decide on this request. */
  barred: z.array(z.string()),
  userId: z.string(),
  userName: z.string(),
  vote: z.literal("approve"),
  /** ISO 8601. */
  at: z.string(),
});
export type ApprovalStatement = z.infer<typeof ApprovalStatement>;

/** One approval as it was signed. */
export interface SignedVote {
  /** Canonical JSON of an ApprovalStatement: the very text that was signed. */
  readonly statement: string;
  /** Ed25519 over the statement's UTF-8 bytes, base64. */
  readonly signature: string;
  readonly keyId: string;
}

/** What proves that people approved one version with one file; checked anew by every process that serves it. */
export interface ApprovalProof {
  readonly requestId: string;
  readonly requestNumber: number;
  readonly votes: readonly SignedVote[];
}

/** The version that is to be served, as its approvals must name it. */
export interface ApprovedVersion {
  readonly projectId: string;
  readonly modelId: string;
  readonly versionId: string;
  readonly version: number;
  readonly sha256: string | null;
  readonly runtime: string | null;
}

/** Whether a vote's signature holds, as the request's page shows it. */
export interface VoteSignature {
  readonly keyId: string | null;
  readonly verifies: boolean;
  /** Why it does not, as a sentence. */
  readonly problem: string | null;
}

/** An approval from before approvals were signed. */
export interface UnsignedApproval {
  readonly id: string;
  readonly project: string;
  readonly request: number;
  readonly version: number;
  readonly approvedBy: string;
  readonly at: string;
  /** Why it cannot be signed, as a clause; null when it can. */
  readonly refused: string | null;
}
