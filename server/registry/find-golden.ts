import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { localPath } from "#server/platform/objects.ts";
import type { Golden, GoldenSummary } from "./golden-contract.ts";
import { GOLDEN_BYTES, readGolden } from "./golden-file.ts";
import type { ModelSignature } from "./signature.ts";

interface From {
  /** The golden file itself, where the one who registers has it. */
  readonly goldenSha256?: string | undefined;
  readonly loggedModelId?: string | undefined;
  readonly runId?: string | undefined;
  /** The folder of the run's files in which the model lies. */
  readonly folder?: string | undefined;
}
interface Found {
  readonly sha256: string;
  readonly path: string;
  readonly sizeBytes: number;
}

const GOLDEN = "golden.json";
const EXAMPLE = "serving_input_example.json";
const isNamed = (path: string, name: string) => path === name || path.endsWith(`/${name}`);

async function filesNamed(db: Db, projectId: string, owner: string, names: readonly string[]): Promise<Found[]> {
  const rows = await db.artifact.findMany({
    where: { projectId, root: { endsWith: `/${owner}` }, OR: names.map((name) => ({ path: { endsWith: name } })) },
    select: { path: true, sha256: true, sizeBytes: true },
    orderBy: { path: "asc" },
    take: 1000,
  });
  return rows
    .map((row) => ({ ...row, sizeBytes: Number(row.sizeBytes) }))
    .sort((a, b) => a.path.split("/").length - b.path.split("/").length);
}

async function textOf({ sha256, sizeBytes, path }: Found): Promise<string> {
  if (sizeBytes > GOLDEN_BYTES)
    throw new AppError("invalid_input", `${path} has ${sizeBytes} bytes, at most ${GOLDEN_BYTES} are read.`, {
      field: "golden",
      value: path,
      remedy: "Log fewer rows: the ordinary, the extreme and the missing ones are enough.",
    });
  return await readFile(await localPath(sha256), "utf8");
}

/** The golden file of a run: in the model's own folder when it has one, else touchstone/golden.json or golden.json. */
function ofRun(files: readonly Found[], folder: string | undefined): Found | undefined {
  const inside = folder === undefined ? undefined : files.find((file) => file.path.startsWith(`${folder}/`));
  return (
    inside ?? files.find((file) => file.path === `touchstone/${GOLDEN}`) ?? files.find((file) => file.path === GOLDEN)
  );
}

/**
 * Golden rows for a version that is to have this signature: from the file that is named, else from golden.json among the logged model's files, else
 * from the run's. null when nothing was logged. Errors: invalid_input when what was logged does not fit the model.
 */
export async function findGolden(
  db: Db,
  projectId: string,
  from: From,
  signature: ModelSignature,
): Promise<Golden | null> {
  const { goldenSha256, loggedModelId, runId, folder } = from;
  const ofModel = loggedModelId ? await filesNamed(db, projectId, `models/${loggedModelId}`, [GOLDEN, EXAMPLE]) : [];
  const example = ofModel.find((file) => isNamed(file.path, EXAMPLE));
  const read = async (golden: string, source: string) =>
    readGolden({ golden, example: example ? await textOf(example) : null, source }, signature);
  if (goldenSha256) return await read(await readFile(await localPath(goldenSha256), "utf8"), `${GOLDEN} of the step`);
  const beside = ofModel.find((file) => isNamed(file.path, GOLDEN));
  if (beside) return await read(await textOf(beside), `${beside.path} of the logged model`);
  const logged = runId ? ofRun(await filesNamed(db, projectId, runId, [GOLDEN]), folder) : undefined;
  return logged ? await read(await textOf(logged), `${logged.path} of the run`) : null;
}

/** The two columns of a version that has these golden rows, not yet compared. */
export function goldenColumns(golden: Golden): { golden: Golden; goldenCheck: GoldenSummary } {
  const { inputs, outputs, ...facts } = golden;
  const sha256 = createHash("sha256").update(canonicalJson(golden)).digest("hex");
  return {
    golden,
    goldenCheck: { ...facts, inputs: Object.keys(inputs), outputs: Object.keys(outputs), sha256, check: null },
  };
}
