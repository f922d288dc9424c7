import { uuidv7 } from "#server/kernel/ids.ts";
import { pool, prisma } from "#server/platform/db.ts";

interface Someone {
  readonly userId: string;
  readonly name: string;
}

const policySpec = (reviewers: number) => ({
  version: 1,
  model: "delays",
  checks: [{ id: "primary", type: "holdout", dataset: "flights", label: "late", metric: "accuracy", rows: "flights" }],
  approvals: { reviewers },
});

/**
 * What the loop leaves behind in a project: version 1 live since a day and approved by `approver`, version 2 with a request that is ready, 200 logged predictions
 * of version 1 of which 100 have an outcome and 75 were right, one open alert, one pipeline run that runs and one that failed.
 */
export async function makeLoop(projectId: string, author: Someone, approver: Someone) {
  const db = prisma();
  const model = await db.registeredModel.create({ data: { projectId, name: "delays" } });
  const version = (number: number, state: string) =>
    db.modelVersion.create({
      data: {
        projectId,
        modelId: model.id,
        version: number,
        state,
        createdBy: author.userId,
        sha256: `${number}`.repeat(64),
      },
    });
  const first = await version(1, "champion");
  const second = await version(2, "candidate");
  await db.modelAlias.create({ data: { modelId: model.id, alias: "champion", versionId: first.id } });
  const policy = await db.policy.create({
    data: { projectId, modelName: "delays", version: 1, text: "", spec: policySpec(1), sha256: "" },
  });
  const request = (number: number, versionId: string, status: string) =>
    db.promotionRequest.create({
      data: {
        projectId,
        number,
        modelId: model.id,
        versionId,
        policyId: policy.id,
        status,
        trigger: { kind: "person" },
        requestedBy: author.userId,
        requestedByName: author.name,
        barred: [{ userId: author.userId, reason: "requested this promotion" }],
        digest: "d".repeat(64),
        ...(status === "completed" ? { closedAt: new Date() } : { readyAt: new Date() }),
      },
    });
  const done = await request(1, first.id, "completed");
  await db.decision.create({
    data: {
      requestId: done.id,
      userId: approver.userId,
      userName: approver.name,
      vote: "approve",
      digest: "d".repeat(64),
    },
  });
  const open = await request(2, second.id, "ready");
  const endpoint = await db.endpoint.create({
    data: { projectId, name: `delays-${projectId.slice(-6)}`, modelId: model.id },
  });
  await db.endpointDeployment.create({
    data: {
      endpointId: endpoint.id,
      versionId: first.id,
      version: 1,
      requestId: done.id,
      startedAt: new Date(Date.now() - 86_400_000),
    },
  });
  await logPredictions(projectId, endpoint.id, first.id);
  await pool().query("insert into serving_log.event_days values ($1, $2, '2013-06-01', 7, 0, now(), null)", [
    endpoint.id,
    second.id,
  ]);
  const monitor = await db.monitor.create({
    data: { projectId, endpointId: endpoint.id, name: endpoint.name, config: {} },
  });
  const window = await db.monitorWindow.create({
    data: { monitorId: monitor.id, startsAt: new Date("2013-07-01"), endsAt: new Date("2013-08-01"), rows: 200 },
  });
  await db.alert.create({
    data: {
      projectId,
      monitorId: monitor.id,
      windowId: window.id,
      number: 1,
      kind: "drift",
      cause: "carrier",
      severity: "warning",
      title: "carrier has drifted",
      details: { sentences: ["In July 2013 carrier differs."], windows: [] },
    },
  });
  const run = (number: number, status: string) =>
    db.pipelineRun.create({
      data: {
        projectId,
        number,
        pipeline: "train-delays",
        commit: "c".repeat(40),
        branch: "main",
        spec: {},
        trigger: { kind: "person" },
        status,
        createdBy: author.userId,
        createdByName: author.name,
      },
    });
  await run(1, "failed");
  await run(2, "running");
  return { model, first, second, open, endpoint };
}

/** 200 predictions of 1 and 2 July 2013, one of them made twice; outcomes for the first hundred, 75 of them as predicted. */
async function logPredictions(projectId: string, endpointId: string, versionId: string): Promise<void> {
  await pool().query("select serving_log.ensure_partitions(current_date, 1)");
  const insert = `insert into serving_log.predictions
      select $1, $2, $3, 'p' || i, $4, timestamptz '2013-07-01' + i * interval '12 minutes', now() + $6 * interval '1 second',
             '{}', '{}', $5, null, null, 100 from generate_series(0, $7 - 1) i`;
  await pool().query(insert, [endpointId, projectId, versionId, uuidv7(), "late", 0, 200]);
  // The same id again with another answer: only the newer one counts, and it is right.
  await pool().query(insert, [endpointId, projectId, versionId, uuidv7(), "late", 1, 1]);
  await pool().query(
    `insert into serving_log.outcomes select $1, 'p' || i, case when i < 75 then 'late' else 'on time' end, null, now(), now(), 0
     from generate_series(0, 99) i`,
    [endpointId],
  );
  await pool().query(
    `insert into serving_log.event_days values ($1, $2, '2013-07-01', 120, 100, now(), now()), ($1, $2, '2013-07-02', 80, 0, now(), null)`,
    [endpointId, versionId],
  );
}
