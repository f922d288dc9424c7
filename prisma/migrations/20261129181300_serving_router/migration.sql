-- AlterTable
ALTER TABLE "api_tokens" ADD COLUMN     "rate_per_second" DOUBLE PRECISION,
ADD COLUMN     "rows_per_day" INTEGER;

-- AlterTable
ALTER TABLE "decisions" ADD COLUMN     "key_id" TEXT,
ADD COLUMN     "signature" TEXT,
ADD COLUMN     "statement" TEXT;

-- AlterTable
ALTER TABLE "endpoint_minutes" DROP CONSTRAINT "endpoint_minutes_pkey",
ADD COLUMN     "arm" TEXT NOT NULL DEFAULT 'champion',
ADD COLUMN     "executions" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "skipped" INTEGER NOT NULL DEFAULT 0,
ADD CONSTRAINT "endpoint_minutes_pkey" PRIMARY KEY ("endpoint_id", "version_id", "minute", "process", "arm");

-- AlterTable
ALTER TABLE "endpoints" ADD COLUMN     "fallback" JSONB,
ADD COLUMN     "log_share" DOUBLE PRECISION NOT NULL DEFAULT 1,
ADD COLUMN     "redaction" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "salt" UUID NOT NULL DEFAULT gen_random_uuid();

-- AlterTable
ALTER TABLE "model_versions" ADD COLUMN     "golden" JSONB,
ADD COLUMN     "golden_check" JSONB,
ADD COLUMN     "runtime" TEXT;

-- CreateTable
CREATE TABLE "endpoint_arms" (
    "id" UUID NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "share" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "request_id" UUID,
    "problem" TEXT,
    "started_by" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "share_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "endpoint_arms_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "endpoint_arms_endpoint_id_ended_at_idx" ON "endpoint_arms"("endpoint_id", "ended_at");

-- AddForeignKey
ALTER TABLE "endpoint_arms" ADD CONSTRAINT "endpoint_arms_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "endpoints"("id") ON DELETE CASCADE ON UPDATE CASCADE;

UPDATE "model_versions" SET "runtime" = 'onnx' WHERE "sha256" IS NOT NULL;

-- Who answered (0 champion, 1 canary, 2 A/B), of whom the prediction speaks and which token asked.
ALTER TABLE serving_log.predictions
    ADD COLUMN arm smallint NOT NULL DEFAULT 0,
    ADD COLUMN entity_key text,
    ADD COLUMN caller uuid;
CREATE INDEX predictions_by_entity ON serving_log.predictions (endpoint_id, entity_key, event_time) WHERE entity_key IS NOT NULL;

-- What a shadow said of a prediction that another version answered: same id, same features, which are not kept twice.
CREATE TABLE serving_log.shadow_predictions (
    endpoint_id uuid NOT NULL,
    project_id uuid NOT NULL,
    version_id uuid NOT NULL,
    arm_id uuid NOT NULL,
    prediction_id text NOT NULL,
    event_time timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    label text,
    probabilities double precision[],
    value double precision,
    -- The shadow's own run, its share of the batch.
    latency_us integer NOT NULL
) PARTITION BY RANGE (received_at);
CREATE INDEX shadow_predictions_by_id ON serving_log.shadow_predictions (endpoint_id, prediction_id);
CREATE INDEX shadow_predictions_by_arm ON serving_log.shadow_predictions (arm_id, received_at);

-- Requests that got no prediction, whatever share of the others is kept.
CREATE TABLE serving_log.request_errors (
    endpoint_id uuid NOT NULL,
    project_id uuid NOT NULL,
    version_id uuid,
    arm smallint,
    request_id text NOT NULL,
    received_at timestamptz NOT NULL,
    status smallint NOT NULL,
    message text NOT NULL,
    entity_key text,
    caller uuid,
    -- The beginning of the body; null where a column of the endpoint is redacted, because nobody can tell where in a broken body it stands.
    body text,
    latency_us integer NOT NULL
) PARTITION BY RANGE (received_at);
CREATE INDEX request_errors_by_id ON serving_log.request_errors (endpoint_id, request_id);
CREATE INDEX request_errors_by_time ON serving_log.request_errors (endpoint_id, received_at);
CREATE INDEX predictions_by_request ON serving_log.predictions (endpoint_id, request_id);

-- What a token asked of an endpoint on a day (UTC), added up by all serving processes.
CREATE TABLE serving_log.token_days (
    token_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    day date NOT NULL,
    requests bigint NOT NULL DEFAULT 0,
    rows bigint NOT NULL DEFAULT 0,
    -- Requests that were refused for the token's rate or quota.
    limited bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (token_id, endpoint_id, day)
);
CREATE INDEX token_days_by_endpoint ON serving_log.token_days (endpoint_id, day);

CREATE OR REPLACE FUNCTION serving_log.ensure_partitions(first date, days integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    kind text;
    day date;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('serving_log.partitions'));
    FOREACH kind IN ARRAY ARRAY['predictions', 'shadow_predictions', 'request_errors'] LOOP
        FOR i IN 0 .. days - 1 LOOP
            day := first + i;
            IF to_regclass('serving_log.' || kind || '_' || to_char(day, 'YYYYMMDD')) IS NULL THEN
                EXECUTE format(
                    'CREATE TABLE serving_log.%I PARTITION OF serving_log.%I FOR VALUES FROM (%L) TO (%L)',
                    kind || '_' || to_char(day, 'YYYYMMDD'), kind, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
                IF kind = 'predictions' THEN made := made + 1; END IF;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

CREATE OR REPLACE FUNCTION serving_log.drop_before(first_kept date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    old text;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('serving_log.partitions'));
    FOR old IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('serving_log.shadow_predictions'::regclass, 'serving_log.request_errors'::regclass)
            AND right(c.relname, 8) < to_char(first_kept, 'YYYYMMDD')
    LOOP
        EXECUTE format('DROP TABLE serving_log.%I', old);
    END LOOP;
    FOR old IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'serving_log.predictions'::regclass
            AND c.relname < 'predictions_' || to_char(first_kept, 'YYYYMMDD')
    LOOP
        EXECUTE format(
            'WITH gone AS (
                SELECT p.endpoint_id, p.version_id, (p.event_time AT TIME ZONE ''UTC'')::date AS day,
                    count(*) AS predictions, count(o.prediction_id) AS outcomes
                FROM serving_log.%I p LEFT JOIN serving_log.outcomes o USING (endpoint_id, prediction_id)
                GROUP BY 1, 2, 3)
            UPDATE serving_log.event_days d
            SET predictions = d.predictions - gone.predictions, outcomes = greatest(0, d.outcomes - gone.outcomes)
            FROM gone WHERE (d.endpoint_id, d.version_id, d.day) = (gone.endpoint_id, gone.version_id, gone.day)', old);
        EXECUTE format('DROP TABLE serving_log.%I', old);
        dropped := dropped + 1;
    END LOOP;
    IF dropped > 0 THEN
        DELETE FROM serving_log.event_days WHERE predictions <= 0;
        DELETE FROM serving_log.outcomes o WHERE o.received_at < first_kept AND NOT EXISTS (
            SELECT FROM serving_log.predictions p
            WHERE p.endpoint_id = o.endpoint_id AND p.prediction_id = o.prediction_id);
    END IF;
    DELETE FROM serving_log.token_days WHERE day < first_kept;
    RETURN dropped;
END $$;
