-- AlterTable
ALTER TABLE "environments" ADD COLUMN     "error" TEXT,
DROP COLUMN "progress",
ADD COLUMN     "progress" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "pipeline_runs" ADD COLUMN     "rerun_of" UUID;

-- AlterTable
ALTER TABLE "step_attempts" ADD COLUMN     "message" TEXT,
ADD COLUMN     "token_id" UUID;

-- AlterTable
ALTER TABLE "steps" ADD COLUMN     "reason" TEXT,
ADD COLUMN     "result" JSONB,
ADD COLUMN     "reused_from" UUID;
