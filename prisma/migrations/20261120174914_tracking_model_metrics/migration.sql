-- AlterTable
ALTER TABLE "metrics" DROP COLUMN "dataset_digest",
DROP COLUMN "dataset_name",
DROP COLUMN "model_id";

-- AlterTable
ALTER TABLE "run_datasets" ADD COLUMN     "name" TEXT NOT NULL,
ADD COLUMN     "version" INTEGER NOT NULL;

-- CreateTable
CREATE TABLE "logged_model_metrics" (
    "model_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "timestamp" BIGINT NOT NULL,
    "step" BIGINT NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "is_nan" BOOLEAN NOT NULL DEFAULT false,
    "dataset_name" TEXT,
    "dataset_digest" TEXT,

    CONSTRAINT "logged_model_metrics_pkey" PRIMARY KEY ("model_id","key","step","timestamp","run_id")
);

-- AddForeignKey
ALTER TABLE "logged_model_metrics" ADD CONSTRAINT "logged_model_metrics_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "logged_models"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- CreateIndex: the children of a nested run. Partial, since a value may be longer than an index entry can hold.
CREATE INDEX "run_tags_parent_idx" ON "run_tags"("value") WHERE "key" = 'mlflow.parentRunId';
