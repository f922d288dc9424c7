-- AlterTable
ALTER TABLE "alerts" ADD COLUMN     "acknowledged_at" TIMESTAMPTZ(3),
ADD COLUMN     "dataset_version_id" UUID,
ADD COLUMN     "last_window_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "resolution" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "retraining" TEXT,
ADD COLUMN     "retraining_at" TIMESTAMPTZ(3),
ADD COLUMN     "retraining_by" TEXT,
ADD COLUMN     "retraining_error" TEXT;

-- AlterTable
ALTER TABLE "monitor_windows" ADD COLUMN     "breaches" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "fingerprint" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "notes" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "monitors" ADD COLUMN     "checked_at" TIMESTAMPTZ(3),
ADD COLUMN     "origin" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "problem" TEXT;

-- CreateIndex
CREATE INDEX "alerts_model_version_id_idx" ON "alerts"("model_version_id");
