-- CreateTable
CREATE TABLE "commit_origins" (
    "project_id" UUID NOT NULL,
    "commit" TEXT NOT NULL,
    "user_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "commit_origins_pkey" PRIMARY KEY ("project_id","commit")
);

-- AddForeignKey
ALTER TABLE "commit_origins" ADD CONSTRAINT "commit_origins_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;
