-- AlterTable
ALTER TABLE "endpoint_minutes" ADD COLUMN     "routed" INTEGER NOT NULL DEFAULT 0;

-- Whether the router chose who answers; a caller who asks for a version takes no part in a comparison of arms.
ALTER TABLE serving_log.predictions ADD COLUMN routed boolean NOT NULL DEFAULT true;
ALTER TABLE serving_log.request_errors ADD COLUMN routed boolean NOT NULL DEFAULT true;
