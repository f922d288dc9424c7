-- DropForeignKey
ALTER TABLE "alerts" DROP CONSTRAINT "alerts_window_id_fkey";

-- AlterTable
ALTER TABLE "alerts" ALTER COLUMN "window_id" DROP NOT NULL;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_window_id_fkey" FOREIGN KEY ("window_id") REFERENCES "monitor_windows"("id") ON DELETE SET NULL ON UPDATE CASCADE;
