-- CreateTable
CREATE TABLE "bulk_works" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "spec" JSONB NOT NULL,
    "model_version_id" UUID,
    "dataset_version_id" UUID,
    "endpoint_id" UUID,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "phase" TEXT NOT NULL DEFAULT 'rows',
    "rows_total" BIGINT NOT NULL,
    "rows_done" BIGINT NOT NULL DEFAULT 0,
    "holder" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "held_since" TIMESTAMPTZ(3),
    "held_rows" BIGINT NOT NULL DEFAULT 0,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "cancelled_by" TEXT,
    "result" JSONB,
    "expires_at" TIMESTAMPTZ(3),
    "error" JSONB,
    "key" TEXT,
    "created_by" UUID,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "bulk_works_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bulk_parts" (
    "work_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "rows" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,

    CONSTRAINT "bulk_parts_pkey" PRIMARY KEY ("work_id","number")
);

-- CreateTable
CREATE TABLE "endpoint_probe_hours" (
    "endpoint_id" UUID NOT NULL,
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "ok" SMALLINT NOT NULL DEFAULT 0,
    "slow" SMALLINT NOT NULL DEFAULT 0,
    "failed" SMALLINT NOT NULL DEFAULT 0,
    "excluded" SMALLINT NOT NULL DEFAULT 0,
    "failed_at" TIMESTAMPTZ(3),
    "failure" TEXT,

    CONSTRAINT "endpoint_probe_hours_pkey" PRIMARY KEY ("endpoint_id","hour")
);

-- CreateTable
CREATE TABLE "probe_slots" (
    "slot" BIGINT NOT NULL,

    CONSTRAINT "probe_slots_pkey" PRIMARY KEY ("slot")
);

-- CreateIndex
CREATE INDEX "bulk_works_status_idx" ON "bulk_works"("status");

-- CreateIndex
CREATE INDEX "bulk_works_model_version_id_idx" ON "bulk_works"("model_version_id");

-- CreateIndex
CREATE INDEX "bulk_works_dataset_version_id_idx" ON "bulk_works"("dataset_version_id");

-- CreateIndex
CREATE INDEX "bulk_works_endpoint_id_idx" ON "bulk_works"("endpoint_id");

-- CreateIndex
CREATE UNIQUE INDEX "bulk_works_project_id_kind_number_key" ON "bulk_works"("project_id", "kind", "number");

-- CreateIndex
CREATE UNIQUE INDEX "bulk_works_project_id_key_key" ON "bulk_works"("project_id", "key");

-- CreateIndex
CREATE INDEX "bulk_parts_sha256_idx" ON "bulk_parts"("sha256");

-- AddForeignKey
ALTER TABLE "bulk_works" ADD CONSTRAINT "bulk_works_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_parts" ADD CONSTRAINT "bulk_parts_work_id_fkey" FOREIGN KEY ("work_id") REFERENCES "bulk_works"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "endpoint_probe_hours" ADD CONSTRAINT "endpoint_probe_hours_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "endpoints"("id") ON DELETE CASCADE ON UPDATE CASCADE;
