import { z } from "zod";
import { listFilesAt, readFileAt, resolveRef } from "#server/code/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { CheckFileInput, type FileProblemDto, type PipelineFileDto, type PipelinePreview } from "./contract.ts";
import { pipelineFileSchema } from "./file-schema.ts";
import { previewFile } from "./preview.ts";
import { summaries } from "./reads.ts";

/** pipeline.yaml anywhere, x.pipeline.yaml anywhere, and every YAML file in a folder pipelines/. */
const PIPELINE_FILE = /(^|\/)([^/]+\.)?pipeline\.ya?ml$|(^|\/)pipelines\/[^/]+\.ya?ml$/;
const MOST_FILES = 50;

/** The pipeline files at a branch or commit, each with its graph or its errors, and its newest run. */
export const listPipelines = defineUseCase({
  name: "pipelines.list-pipelines",
  scope: "pipelines:read",
  effect: "read",
  input: z.object({ ref: z.string().trim().min(1).default("main") }),
  async run({ input, project, db }): Promise<{ ref: string; commit: string | null; files: PipelineFileDto[] }> {
    let commit: string;
    try {
      commit = await resolveRef(project.id, input.ref);
    } catch (error) {
      // A project whose repository is still empty has no pipelines; any other branch that is asked for must exist.
      if (input.ref === "main" && isAppError(error, "not_found")) return { ref: input.ref, commit: null, files: [] };
      throw error;
    }
    const paths = (await listFilesAt(project.id, commit))
      .filter((path) => PIPELINE_FILE.test(path))
      .slice(0, MOST_FILES);
    const files = await Promise.all(
      paths.map(async (path): Promise<PipelineFileDto> => {
        const [content, newest] = await Promise.all([
          readFileAt(project.id, commit, path),
          db.pipelineRun.findFirst({
            where: { projectId: project.id, path },
            omit: { spec: true },
            orderBy: { number: "desc" },
          }),
        ]);
        const [lastRun] = newest ? await summaries(db, project.id, [newest]) : [];
        return { path, commit, ...previewFile(content?.toString("utf8") ?? ""), lastRun: lastRun ?? null };
      }),
    );
    // The file at the root is the project's main pipeline.
    files.sort((a, b) => a.path.split("/").length - b.path.split("/").length || a.path.localeCompare(b.path));
    return { ref: input.ref, commit, files };
  },
});

/** Checks a text as a pipeline file, for editors: its graph, or every problem with line, column and remedy. */
export const checkPipelineFile = defineUseCase({
  name: "pipelines.check-file",
  scope: "pipelines:read",
  effect: "read",
  input: CheckFileInput,
  async run({ input }): Promise<{ preview: PipelinePreview | null; problems: readonly FileProblemDto[] }> {
    return previewFile(input.text);
  },
});

/** The JSON Schema of pipeline.yaml. */
export const getPipelineSchema = defineUseCase({
  name: "pipelines.get-schema",
  scope: "pipelines:read",
  effect: "read",
  input: z.object({}),
  async run(): Promise<object> {
    return pipelineFileSchema();
  },
});
