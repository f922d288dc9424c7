-- AlterTable
ALTER TABLE "endpoints" ADD COLUMN     "problem" TEXT,
ADD COLUMN     "state_at" TIMESTAMPTZ(3),
ADD COLUMN     "state_by" TEXT,
ADD COLUMN     "state_reason" TEXT NOT NULL DEFAULT '';

-- The prediction log. It lies in a schema of its own: partitions come and go by the day, and Prisma must not take them for drift.
CREATE SCHEMA serving_log;

-- One row per scored row, in the partition of the day (UTC) it was received. Written by COPY alone (server/serving/prediction-log.ts).
CREATE TABLE serving_log.predictions (
    endpoint_id uuid NOT NULL,
    project_id uuid NOT NULL,
    version_id uuid NOT NULL,
    prediction_id text NOT NULL,
    request_id text NOT NULL,
    -- When the scored thing happened; the time it was received where the caller did not say.
    event_time timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    -- In the order of featureColumns(signature) of the version.
    numbers double precision[] NOT NULL,
    categories text[] NOT NULL,
    label text,
    -- In the order of the signature's classes.
    probabilities double precision[],
    value double precision,
    latency_us integer NOT NULL
) PARTITION BY RANGE (received_at);
CREATE INDEX predictions_by_event_time ON serving_log.predictions (endpoint_id, event_time);
CREATE INDEX predictions_by_id ON serving_log.predictions (endpoint_id, prediction_id);

-- What really happened. A later outcome of the same prediction replaces the earlier one and is counted.
CREATE TABLE serving_log.outcomes (
    endpoint_id uuid NOT NULL,
    prediction_id text NOT NULL,
    label text,
    value double precision,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    corrections integer NOT NULL DEFAULT 0,
    PRIMARY KEY (endpoint_id, prediction_id)
);

-- How much there is by day (UTC) of the event, kept in the transactions that write, so that nobody has to count the log.
CREATE TABLE serving_log.event_days (
    endpoint_id uuid NOT NULL,
    version_id uuid NOT NULL,
    day date NOT NULL,
    predictions bigint NOT NULL DEFAULT 0,
    outcomes bigint NOT NULL DEFAULT 0,
    last_received_at timestamptz NOT NULL,
    last_outcome_at timestamptz,
    PRIMARY KEY (endpoint_id, day, version_id)
);

-- Makes the partitions of `days` days from `first` on that are missing; returns how many it made. Processes that call it at once wait for each other.
CREATE FUNCTION serving_log.ensure_partitions(first date, days integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    day date;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('serving_log.partitions'));
    FOR i IN 0 .. days - 1 LOOP
        day := first + i;
        IF to_regclass('serving_log.predictions_' || to_char(day, 'YYYYMMDD')) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE serving_log.%I PARTITION OF serving_log.predictions FOR VALUES FROM (%L) TO (%L)',
                'predictions_' || to_char(day, 'YYYYMMDD'), day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;

-- Drops the partitions of the days before `first_kept`, with the outcomes and counts that belong to them; returns how many it dropped.
CREATE FUNCTION serving_log.drop_before(first_kept date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    old text;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('serving_log.partitions'));
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
    RETURN dropped;
END $$;
