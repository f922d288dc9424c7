-- CreateTable
CREATE TABLE "run_importances" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "metric" TEXT NOT NULL,
    "run_ids" TEXT[],
    "status" TEXT NOT NULL DEFAULT 'queued',
    "result" JSONB,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "run_importances_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "run_importances_project_id_digest_key" ON "run_importances"("project_id", "digest");

-- AddForeignKey
ALTER TABLE "run_importances" ADD CONSTRAINT "run_importances_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;
