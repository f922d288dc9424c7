-- AlterTable
ALTER TABLE "environments" ADD COLUMN     "lock" TEXT,
ADD COLUMN     "lock_sha256" TEXT,
ADD COLUMN     "packages" JSONB;

-- AlterTable
ALTER TABLE "step_attempts" ADD COLUMN     "origin" JSONB;

-- CreateTable
CREATE TABLE "reproductions" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "original_run_id" TEXT NOT NULL,
    "original_pipeline_run_id" UUID NOT NULL,
    "pipeline_run_id" UUID NOT NULL,
    "run_id" TEXT,
    "tolerance" JSONB NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'running',
    "summary" TEXT,
    "result" JSON,
    "created_by" UUID,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "reproductions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "evaluations" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "run_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "artifact" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "task" TEXT NOT NULL,
    "positive" TEXT,
    "columns" JSONB NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "error" TEXT,
    "result" JSON,
    "created_by" UUID,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "evaluations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_selections" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "experiment" INTEGER,
    "rule" JSON NOT NULL,
    "candidates" JSON NOT NULL,
    "total" INTEGER NOT NULL,
    "eligible" INTEGER NOT NULL,
    "chosen_run_id" TEXT,
    "chosen_run_name" TEXT,
    "value" DOUBLE PRECISION,
    "notes" JSONB NOT NULL DEFAULT '[]',
    "created_by" UUID,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_selections_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "reproductions_pipeline_run_id_key" ON "reproductions"("pipeline_run_id");

-- CreateIndex
CREATE INDEX "reproductions_project_id_original_run_id_idx" ON "reproductions"("project_id", "original_run_id");

-- CreateIndex
CREATE INDEX "evaluations_run_id_created_at_idx" ON "evaluations"("run_id", "created_at");

-- CreateIndex
CREATE INDEX "run_selections_project_id_experiment_created_at_idx" ON "run_selections"("project_id", "experiment", "created_at");

-- CreateIndex
CREATE INDEX "run_selections_chosen_run_id_idx" ON "run_selections"("chosen_run_id");

-- AddForeignKey
ALTER TABLE "reproductions" ADD CONSTRAINT "reproductions_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_selections" ADD CONSTRAINT "run_selections_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;
