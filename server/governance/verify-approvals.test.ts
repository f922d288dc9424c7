import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import { keyIdOf } from "./approval-keys.ts";
import type { ApprovalStatement, ApprovedVersion, SignedVote } from "./contract.ts";
import { signApproval } from "./sign-approval.ts";
import { verifyApprovals } from "./verify-approvals.ts";

const ours = generateKeyPairSync("ed25519");
const theirs = generateKeyPairSync("ed25519");
const keys = new Map([[keyIdOf(ours.publicKey), ours.publicKey]]);
const signerOf = ({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) => ({
  keyId: keyIdOf(publicKey),
  sign: (text: string) => sign(null, Buffer.from(text), privateKey).toString("base64"),
});

const version: ApprovedVersion = {
  projectId: "project",
  modelId: "model",
  versionId: "version",
  version: 3,
  sha256: "a".repeat(64),
  runtime: "onnx",
};
const said = {
  ...version,
  sha256: "a".repeat(64),
  runtime: "onnx",
  requestId: "request",
  requestNumber: 7,
  digest: "d",
  policy: "p",
  reviewers: 1,
  requestedBy: "alice",
  barred: ["alice", "carol"],
  userId: "bob",
  userName: "Bob",
  at: "2026-11-29T12:00:00.000Z",
};
const vote = (change: Partial<ApprovalStatement> = {}, pair = ours): SignedVote =>
  signApproval({ ...said, ...change }, signerOf(pair));
const judge = (votes: readonly SignedVote[], of: ApprovedVersion = version) =>
  verifyApprovals({ requestId: "request", requestNumber: 7, votes }, of, keys);

describe("an approval holds", () => {
  test("when as many people as it asks for signed it", () => {
    expect(judge([vote()])).toEqual({ approvedBy: ["Bob"] });
    expect(judge([vote({ reviewers: 2 }), vote({ reviewers: 2, userId: "rita", userName: "Rita" })])).toEqual({
      approvedBy: ["Bob", "Rita"],
    });
    // One that does not hold takes nothing from those that do.
    expect(judge([vote({}, theirs), vote()])).toEqual({ approvedBy: ["Bob"] });
  });
});

describe("it does not", () => {
  const refused = (clause: string) => ({ approvedBy: null, problem: expect.stringContaining(clause) as string });

  test("without enough different people, and never by adding up votes on different evidence", () => {
    expect(judge([])).toEqual(refused("request 7 has 0 of 1 signed approval"));
    expect(judge([vote({ reviewers: 2 })])).toEqual(refused("1 of 2 signed approvals"));
    expect(judge([vote({ reviewers: 2 }), vote({ reviewers: 2, at: "2026-11-29T13:00:00.000Z" })])).toEqual(
      refused("1 of 2"),
    );
    expect(
      judge([vote({ reviewers: 2 }), vote({ reviewers: 2, userId: "rita", userName: "Rita", digest: "other" })]),
    ).toEqual(refused("1 of 2"));
    // The stricter of two statements counts.
    expect(judge([vote(), vote({ reviewers: 3, userId: "rita", userName: "Rita" })])).toEqual(refused("2 of 3"));
  });

  test("for another version, file, runtime, model, project or request", () => {
    for (const change of [{ versionId: "other" }, { version: 4 }, { modelId: "other" }, { projectId: "other" }])
      expect(judge([vote()], { ...version, ...change }), JSON.stringify(change)).toEqual(
        refused("Bob approved another version"),
      );
    expect(judge([vote()], { ...version, sha256: "b".repeat(64) })).toEqual(
      refused("the version now names bbbbbbbbbbbb…"),
    );
    expect(judge([vote()], { ...version, sha256: null })).toEqual(refused("now names no file"));
    expect(judge([vote()], { ...version, runtime: "pyfunc" })).toEqual(refused("for the runtime onnx, not pyfunc"));
    expect(judge([vote({ requestId: "other", requestNumber: 2 })])).toEqual(refused("Bob gave it on request 2"));
  });

  test("by the requester or somebody who is barred", () => {
    expect(judge([vote({ userId: "alice", userName: "Alice", barred: [] })])).toEqual(refused("Alice may not decide"));
    expect(judge([vote({ userId: "carol", userName: "Carol" })])).toEqual(refused("Carol may not decide"));
  });

  test("with a signature of another key, of another text, or none", () => {
    expect(judge([vote({}, theirs)])).toEqual(refused("does not have among its public keys"));
    const good = vote();
    const changed = { ...good, statement: good.statement.replace('"reviewers":1', '"reviewers":2') };
    expect(judge([changed])).toEqual(refused("changed after it was given"));
    expect(judge([{ ...vote({}, theirs), keyId: good.keyId }])).toEqual(refused("changed after it was given"));
    expect(judge([{ ...good, signature: "" }])).toEqual(refused("changed after it was given"));
    expect(judge([{ ...good, signature: "not base64 at all" }])).toEqual(refused("changed after it was given"));
  });

  test("in a form that is not known", () => {
    for (const statement of ["{}", "no json", canonicalJson({ ...(JSON.parse(vote().statement) as object), v: 2 })])
      expect(
        judge([{ statement, signature: signerOf(ours).sign(statement), keyId: keyIdOf(ours.publicKey) }]),
        statement,
      ).toEqual(refused("in a form that this version of Touchstone does not know"));
  });
});
