-- DropIndex
DROP INDEX "latest_metrics_key_value_idx";

-- AlterTable: a run never changes its experiment.
ALTER TABLE "latest_metrics" ADD COLUMN "experiment_id" UUID;
UPDATE "latest_metrics" m SET "experiment_id" = r."experiment_id" FROM "runs" r WHERE r."id" = m."run_id";
ALTER TABLE "latest_metrics" ALTER COLUMN "experiment_id" SET NOT NULL;

-- CreateIndex
CREATE INDEX "latest_metrics_experiment_id_key_value_idx" ON "latest_metrics"("experiment_id", "key", "value");

-- Stores one batch of one run; see server/tracking/record-batch.ts. A function, because it is one round trip and by itself one transaction. Arrays of
-- metrics are ordered by key, so that two batches of one run never wait for each other in a circle.
CREATE OR REPLACE FUNCTION record_batch(
    the_project uuid, the_run text,
    -- Of each metric in the batch: the newest point, and how many points of it `loose` holds.
    metric_keys text[], steps bigint[], times bigint[], metric_values double precision[], nans boolean[], counts int[], loose bytea,
    -- A metric with so many points that they are a chunk at once; null when there is none.
    chunk_count int, chunk_key text, first_point double precision[], last_point double precision[], chunk_timely boolean, chunk_blocks bytea,
    chunk_points bytea,
    param_keys text[], param_values text[], tag_keys text[], tag_values text[],
    -- Metrics that speak of logged models: [{modelId, key, timestamp, step, value, isNan, datasetName, datasetDigest}].
    spoken jsonb,
    -- What listeners are told at commit.
    notice text
) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    stage text;
    experiment uuid;
    conflicts text;
    missing text;
    new_name text;
    is_overlapping boolean := false;
BEGIN
    SELECT lifecycle_stage, experiment_id INTO stage, experiment FROM runs WHERE id = the_run AND project_id = the_project;
    IF stage IS NULL THEN RAISE EXCEPTION 'no such run' USING ERRCODE = 'TS404'; END IF;
    IF stage <> 'active' THEN RAISE EXCEPTION 'the run is not active' USING ERRCODE = 'TS409', DETAIL = stage; END IF;

    IF cardinality(param_keys) > 0 THEN
        INSERT INTO run_params (run_id, key, value)
        SELECT the_run, p.key, p.value FROM unnest(param_keys, param_values) AS p(key, value) ORDER BY p.key
        ON CONFLICT DO NOTHING;
        SELECT json_agg(json_build_object('key', p.key, 'old', k.value, 'new', p.value) ORDER BY p.place)::text INTO conflicts
        FROM unnest(param_keys, param_values) WITH ORDINALITY AS p(key, value, place)
        JOIN run_params k ON k.run_id = the_run AND k.key = p.key WHERE k.value <> p.value;
        IF conflicts IS NOT NULL THEN RAISE EXCEPTION 'a parameter would change' USING ERRCODE = 'TS400', DETAIL = conflicts; END IF;
    END IF;

    IF chunk_count IS NOT NULL THEN
        is_overlapping := EXISTS (
            SELECT FROM metric_chunks
            WHERE run_id = the_run AND key = chunk_key AND last_step >= first_point[1]
                AND (last_step, last_time) >= (first_point[1], first_point[2]) AND (first_step, first_time) <= (last_point[1], last_point[2])
        );
        INSERT INTO metric_chunks
            (run_id, key, count, first_step, first_time, first_value, last_step, last_time, last_value, timely, blocks, points)
        VALUES (the_run, chunk_key, chunk_count, first_point[1], first_point[2], first_point[3], last_point[1], last_point[2], last_point[3],
            chunk_timely, chunk_blocks, chunk_points);
    END IF;
    IF loose IS NOT NULL THEN
        INSERT INTO metric_batches (run_id, keys, counts, points) VALUES (the_run, metric_keys, counts, loose);
    END IF;
    IF cardinality(metric_keys) > 0 THEN
        INSERT INTO latest_metrics AS latest (run_id, experiment_id, key, timestamp, step, value, is_nan)
        SELECT the_run, experiment, m.key, m.time, m.step, m.value, m.nan
        FROM unnest(metric_keys, times, steps, metric_values, nans) AS m(key, time, step, value, nan)
        ON CONFLICT (run_id, key) DO UPDATE
        SET timestamp = excluded.timestamp, step = excluded.step, value = excluded.value, is_nan = excluded.is_nan
        WHERE (excluded.step, excluded.timestamp, excluded.value) > (latest.step, latest.timestamp, latest.value);
    END IF;

    IF spoken IS NOT NULL THEN
        SELECT s ->> 'modelId' INTO missing FROM jsonb_array_elements(spoken) WITH ORDINALITY AS e(s, place)
        WHERE s ->> 'modelId' IS NOT NULL
            AND NOT EXISTS (SELECT FROM logged_models WHERE id = s ->> 'modelId' AND project_id = the_project)
        ORDER BY place LIMIT 1;
        IF missing IS NOT NULL THEN RAISE EXCEPTION 'no such model' USING ERRCODE = 'TS405', DETAIL = missing; END IF;
        INSERT INTO logged_model_metrics (model_id, run_id, key, timestamp, step, value, is_nan, dataset_name, dataset_digest)
        SELECT s."modelId", the_run, s.key, s.timestamp, s.step, s.value, s."isNan", s."datasetName", s."datasetDigest"
        FROM jsonb_to_recordset(spoken) AS s("modelId" text, key text, timestamp bigint, step bigint, value double precision, "isNan" boolean,
            "datasetName" text, "datasetDigest" text)
        WHERE s."modelId" IS NOT NULL
        ON CONFLICT DO NOTHING;
    END IF;

    IF cardinality(tag_keys) > 0 THEN
        INSERT INTO run_tags (run_id, key, value)
        SELECT the_run, t.key, t.value FROM unnest(tag_keys, tag_values) AS t(key, value) ORDER BY t.key
        ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value;
        SELECT t.value INTO new_name FROM unnest(tag_keys, tag_values) AS t(key, value) WHERE t.key = 'mlflow.runName' AND t.value <> '';
        IF new_name IS NOT NULL THEN UPDATE runs SET name = new_name WHERE id = the_run; END IF;
    END IF;

    IF notice IS NOT NULL THEN PERFORM pg_notify('touchstone', notice); END IF;
    RETURN is_overlapping;
END $$;
