-- CreateTable
CREATE TABLE "open_pushes" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "open_pushes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "open_pushes_project_id_idx" ON "open_pushes"("project_id");

-- AddForeignKey
ALTER TABLE "open_pushes" ADD CONSTRAINT "open_pushes_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;
