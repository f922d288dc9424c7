-- CreateTable
CREATE TABLE "purges" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "wanted" JSONB NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "error" TEXT,
    "runs_total" INTEGER NOT NULL,
    "runs" INTEGER NOT NULL DEFAULT 0,
    "models" INTEGER NOT NULL DEFAULT 0,
    "experiments" INTEGER NOT NULL DEFAULT 0,
    "points" BIGINT NOT NULL DEFAULT 0,
    "files" BIGINT NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "bytes_freed" BIGINT NOT NULL DEFAULT 0,
    "kept" JSONB NOT NULL DEFAULT '[]',
    "created_by" UUID,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "purges_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "retention_rules" (
    "project_id" UUID NOT NULL,
    "deleted_days" INTEGER NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "retention_rules_pkey" PRIMARY KEY ("project_id")
);

-- CreateTable
CREATE TABLE "orphan_objects" (
    "sha256" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "purge_id" UUID,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "aside_at" TIMESTAMPTZ(3),

    CONSTRAINT "orphan_objects_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "purged_experiments" (
    "project_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "purged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "purged_experiments_pkey" PRIMARY KEY ("project_id","number")
);

-- CreateIndex
CREATE INDEX "purges_project_id_created_at_idx" ON "purges"("project_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "orphan_objects_aside_at_idx" ON "orphan_objects"("aside_at");

-- CreateIndex
CREATE INDEX "artifacts_sha256_idx" ON "artifacts"("sha256");

-- AddForeignKey
ALTER TABLE "purges" ADD CONSTRAINT "purges_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "retention_rules" ADD CONSTRAINT "retention_rules_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "purged_experiments" ADD CONSTRAINT "purged_experiments_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;
