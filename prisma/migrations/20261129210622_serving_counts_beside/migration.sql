-- AlterTable
ALTER TABLE "endpoint_minutes" DROP CONSTRAINT "endpoint_minutes_pkey",
ADD COLUMN     "beside" TEXT NOT NULL DEFAULT '',
ADD CONSTRAINT "endpoint_minutes_pkey" PRIMARY KEY ("endpoint_id", "version_id", "minute", "process", "arm", "beside");
