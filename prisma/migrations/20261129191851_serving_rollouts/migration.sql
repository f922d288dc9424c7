-- CreateTable
CREATE TABLE "rollouts" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "model_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "base_version_id" UUID NOT NULL,
    "base_version" INTEGER NOT NULL,
    "request_id" UUID NOT NULL,
    "request_number" INTEGER NOT NULL,
    "policy" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "step" INTEGER NOT NULL DEFAULT 0,
    "step_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "waited_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "running_since" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
    "baseline" JSONB NOT NULL,
    "looks" INTEGER NOT NULL DEFAULT 0,
    "reading" JSONB,
    "history" JSONB NOT NULL DEFAULT '[]',
    "reason" TEXT NOT NULL DEFAULT '',
    "ended_by" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "rollouts_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "rollouts_request_id_key" ON "rollouts"("request_id");

-- CreateIndex
CREATE INDEX "rollouts_state_idx" ON "rollouts"("state");

-- CreateIndex
CREATE INDEX "rollouts_model_id_started_at_idx" ON "rollouts"("model_id", "started_at" DESC);

-- AddForeignKey
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;
