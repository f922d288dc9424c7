-- CreateTable
CREATE TABLE "custom_services" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "state" TEXT NOT NULL DEFAULT 'live',
    "state_reason" TEXT NOT NULL DEFAULT '',
    "state_by" TEXT,
    "state_at" TIMESTAMPTZ(3),
    "problem" TEXT,
    "memory_mb" INTEGER NOT NULL DEFAULT 256,
    "cpu" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "timeout_ms" INTEGER NOT NULL DEFAULT 10000,
    "redaction" JSONB NOT NULL DEFAULT '{}',
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "custom_services_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "service_publications" (
    "id" UUID NOT NULL,
    "service_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "commit" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "input" JSONB,
    "output" JSONB,
    "published_by" UUID,
    "published_by_name" TEXT NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "live_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "service_publications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "service_minutes" (
    "service_id" UUID NOT NULL,
    "publication" INTEGER NOT NULL,
    "minute" TIMESTAMPTZ(0) NOT NULL,
    "process" TEXT NOT NULL,
    "requests" INTEGER NOT NULL DEFAULT 0,
    "errors_4xx" INTEGER NOT NULL DEFAULT 0,
    "errors_5xx" INTEGER NOT NULL DEFAULT 0,
    "crashes" INTEGER NOT NULL DEFAULT 0,
    "log_dropped" INTEGER NOT NULL DEFAULT 0,
    "latency" INTEGER[],

    CONSTRAINT "service_minutes_pkey" PRIMARY KEY ("service_id","publication","minute","process")
);

-- CreateIndex
CREATE UNIQUE INDEX "custom_services_name_key" ON "custom_services"("name");

-- CreateIndex
CREATE INDEX "custom_services_project_id_idx" ON "custom_services"("project_id");

-- CreateIndex
CREATE UNIQUE INDEX "service_publications_service_id_number_key" ON "service_publications"("service_id", "number");

-- AddForeignKey
ALTER TABLE "custom_services" ADD CONSTRAINT "custom_services_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "service_publications" ADD CONSTRAINT "service_publications_service_id_fkey" FOREIGN KEY ("service_id") REFERENCES "custom_services"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "service_minutes" ADD CONSTRAINT "service_minutes_service_id_fkey" FOREIGN KEY ("service_id") REFERENCES "custom_services"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Calls of customised services, in the partition of the day (UTC) they were received. Input and output are as the service's rules let them be kept.
CREATE TABLE serving_log.service_calls (
    service_id uuid NOT NULL,
    project_id uuid NOT NULL,
    publication integer NOT NULL,
    request_id text NOT NULL,
    received_at timestamptz NOT NULL,
    status integer NOT NULL,
    latency_us integer NOT NULL,
    -- The token that asked.
    caller uuid,
    input jsonb,
    output jsonb,
    error text
) PARTITION BY RANGE (received_at);
CREATE INDEX service_calls_by_time ON serving_log.service_calls (service_id, received_at DESC, request_id DESC);
CREATE INDEX service_calls_by_id ON serving_log.service_calls (service_id, request_id);

-- Makes the partitions of calls of `days` days from `first` on that are missing.
CREATE FUNCTION serving_log.ensure_call_partitions(first date, days integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    day date;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('serving_log.partitions'));
    FOR i IN 0 .. days - 1 LOOP
        day := first + i;
        IF to_regclass('serving_log.service_calls_' || to_char(day, 'YYYYMMDD')) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE serving_log.%I PARTITION OF serving_log.service_calls FOR VALUES FROM (%L) TO (%L)',
                'service_calls_' || to_char(day, 'YYYYMMDD'), day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
        END IF;
    END LOOP;
END $$;

-- Drops the partitions of calls of the days before `first_kept`.
CREATE FUNCTION serving_log.drop_calls_before(first_kept date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    old text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('serving_log.partitions'));
    FOR old IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'serving_log.service_calls'::regclass
            AND right(c.relname, 8) < to_char(first_kept, 'YYYYMMDD')
    LOOP
        EXECUTE format('DROP TABLE serving_log.%I', old);
    END LOOP;
END $$;
