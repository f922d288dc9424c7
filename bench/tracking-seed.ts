import pg from "pg";

/** The experiments that are filled by SQL, since logging them would take longer than measuring. */
export const SEEDED = { small: "bench of ten thousand", large: "bench of a hundred thousand" } as const;

const KEYS = 10;
const RUNS = { small: 10_000, large: 100_000 } as const;

/** p0 has four values, the others ten. */
const PARAM = `case when k = 0 then (array['adam', 'sgd', 'rmsprop', 'adagrad'])[1 + floor(random() * 4)] else floor(random() * 10)::int::text end`;

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select setseed(0.5)");
    await work(client);
    await client.query("vacuum analyze");
    // What a checkpoint still has to write would slow down whoever is measured first.
    await client.query("checkpoint");
  } finally {
    await client.end();
  }
}

/** Finished runs of one experiment with ten metrics, ten parameters and three tags each; their ids are digests of `prefix` and a number. What a run logged lies together, as when it is logged. */
export async function seedRuns(
  client: pg.Client,
  { experimentId, prefix, runs }: { readonly experimentId: string; readonly prefix: string; readonly runs: number },
): Promise<void> {
  const ids = `(select md5($1::text || i) as run_id, i from generate_series(1, ${runs}) as i) as r`;
  await client.query(
    `insert into runs (id, project_id, experiment_id, name, status, start_time, end_time, user_name)
     select r.run_id, e.project_id, e.id, 'run-' || i, 'FINISHED', 1700000000000 + i * 1000, 1700000500000 + i * 1000 + i % 977, 'bench'
     from ${ids}, experiments e where e.id = $2`,
    [prefix, experimentId],
  );
  await client.query(
    `insert into latest_metrics (run_id, experiment_id, key, timestamp, step, value)
     select run_id, $2::uuid, 'm' || k, 1700000000000, 1, random() from ${ids}, generate_series(0, ${KEYS - 1}) as k order by i, k`,
    [prefix, experimentId],
  );
  await client.query(
    `insert into run_params (run_id, key, value) select run_id, 'p' || k, ${PARAM} from ${ids}, generate_series(0, ${KEYS - 1}) as k order by i, k`,
    [prefix],
  );
  await client.query(
    `insert into run_tags (run_id, key, value)
     select run_id, t.key, t.value from ${ids},
       (values ('mlflow.user', 'bench'), ('mlflow.source.name', 'train.py'), ('mlflow.source.type', 'LOCAL')) as t(key, value) order by i`,
    [prefix],
  );
}

/** Ten thousand and a hundred thousand runs of Touchstone; a tenth of them when `quick`. */
export async function seedTouchstone(url: string, quick: boolean): Promise<void> {
  await withClient(url, async (client) => {
    for (const [size, number] of [
      ["small", 1],
      ["large", 2],
    ] as const) {
      const { rows } = await client.query<{ id: string }>(
        "insert into experiments (id, project_id, number, name) select gen_random_uuid(), id, $1, $2 from projects limit 1 returning id",
        [number, SEEDED[size]],
      );
      const runs = quick ? RUNS[size] / 10 : RUNS[size];
      await seedRuns(client, { experimentId: rows[0]?.id ?? "", prefix: size, runs });
    }
  });
}

/** The same ten thousand runs in MLflow's tables. */
export async function seedMlflow(url: string, quick: boolean): Promise<void> {
  await withClient(url, async (client) => {
    const runs = quick ? RUNS.small / 10 : RUNS.small;
    await client.query(
      `insert into experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time)
       values ($1, 'mlflow-artifacts:/1', 'active', 0, 0)`,
      [SEEDED.small],
    );
    const ids = `(select md5('small' || i) as run_id, i from generate_series(1, ${runs}) as i) as r`;
    await client.query(
      `insert into runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, source_version,
         lifecycle_stage, artifact_uri, experiment_id)
       select run_id, 'run-' || i, 'LOCAL', '', '', 'bench', 'FINISHED', 1700000000000 + i * 1000, 1700000500000 + i * 1000, '', 'active',
         'mlflow-artifacts:/1/' || run_id || '/artifacts', e.experiment_id
       from ${ids}, experiments e where e.name = $1`,
      [SEEDED.small],
    );
    await client.query(
      `insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
       select 'm' || k, random(), 1700000000000, 1, false, run_id from ${ids}, generate_series(0, ${KEYS - 1}) as k order by i, k`,
    );
    await client.query(
      `insert into params (key, value, run_uuid) select 'p' || k, ${PARAM}, run_id from ${ids}, generate_series(0, ${KEYS - 1}) as k order by i, k`,
    );
    await client.query(
      `insert into tags (key, value, run_uuid)
       select t.key, t.value, run_id from ${ids},
         (values ('mlflow.user', 'bench'), ('mlflow.source.name', 'train.py'), ('mlflow.source.type', 'LOCAL')) as t(key, value) order by i`,
    );
  });
}
