-- CreateTable
CREATE TABLE "run_views" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "shared" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL,
    "created_by" UUID NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_views_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_marks" (
    "user_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "run_id" TEXT NOT NULL,
    "pinned" BOOLEAN NOT NULL DEFAULT false,
    "hidden" BOOLEAN NOT NULL DEFAULT false,
    "color" SMALLINT,

    CONSTRAINT "run_marks_pkey" PRIMARY KEY ("user_id","project_id","run_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "run_views_project_id_created_by_name_key" ON "run_views"("project_id", "created_by", "name");

-- CreateIndex
CREATE INDEX "run_marks_run_id_idx" ON "run_marks"("run_id");

-- AddForeignKey
ALTER TABLE "run_views" ADD CONSTRAINT "run_views_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_marks" ADD CONSTRAINT "run_marks_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_marks" ADD CONSTRAINT "run_marks_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_marks" ADD CONSTRAINT "run_marks_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
