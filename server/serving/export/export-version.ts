import { createHash } from "node:crypto";
import { PassThrough, pipeline, type Readable, Transform } from "node:stream";
import yazl from "yazl";
import { z } from "zod";
import { approvalKeys, approvalSigner } from "#server/governance/index.ts";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { openRead } from "#server/platform/objects.ts";
import { getVersion } from "#server/registry/index.ts";
import { ModelName, type VersionDto } from "#server/registry/contract.ts";
import { exportCard } from "./export-card.ts";
import { exampleRows, goldenFile } from "./export-golden.ts";
import { CONTAINERFILE, PACKAGE_JSON, REQUIREMENTS, RUN_MJS, RUN_PY } from "./export-runners.ts";

interface Part {
  readonly name: string;
  readonly content: string | Buffer;
}
interface Bundle {
  /** Of the folder in the zip. */
  readonly name: string;
  readonly at: Date;
  readonly model: { readonly sha256: string; readonly sizeBytes: number };
  readonly parts: readonly Part[];
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const sha256Of = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");

/**
 * All that goes with a version's file to where there is no platform: signature, classes, golden rows, where it comes from and who approved it, runners, and
 * signed checksums. Errors: conflict for a version without an ONNX file.
 */
const packVersion = defineUseCase({
  name: "serving.export-version",
  scope: "registry:read",
  effect: "write",
  input: z.object({ name: ModelName, version: z.coerce.string() }),
  async run({ input, actor, project, db, audit }): Promise<Bundle> {
    const version = await getVersion(actor, project.id, input);
    const { sha256, signature, sizeBytes } = version;
    if (!sha256 || !signature)
      throw new AppError("conflict", `${version.model} version ${version.version} has no ONNX file to export.`, {
        field: "version",
        value: input.version,
        remedy: "Register a version with an ONNX file.",
      });
    const golden = await goldenFile(db, version);
    const { task, classes, positive, labelColumn } = signature;
    const parts: Part[] = [
      { name: "signature.json", content: json(signature) },
      { name: "labels.json", content: json({ task, classes, positive, labelColumn }) },
      { name: "rows.json", content: json(await exampleRows(db, project.id, version)) },
      ...(golden ? [{ name: "golden.json", content: json(golden) }] : []),
      { name: "card.json", content: json(await exportCard(db, project, version, actor.name)) },
      { name: "run.mjs", content: RUN_MJS },
      { name: "package.json", content: PACKAGE_JSON },
      { name: "run.py", content: RUN_PY },
      { name: "requirements.txt", content: REQUIREMENTS },
      { name: "Containerfile", content: CONTAINERFILE },
      { name: "README.md", content: readmeOf(version, golden !== null) },
    ];
    await audit({
      action: "model.exported",
      subject: { type: "model-version", id: version.id },
      summary: `${actor.name} exported ${version.model} version ${version.version}`,
      details: { sha256 },
    });
    return {
      name: `${version.model.replace(/[^\w.-]/g, "_")}-v${version.version}`,
      at: new Date(),
      model: { sha256, sizeBytes: sizeBytes ?? 0 },
      parts: [...parts, ...checksumsOf(sha256, parts)],
    };
  },
});

/**
 * SHA256SUMS over everything else, as sha256sum reads it, with the signature of this installation and the key to check it: the one that approvals are signed
 * with, so that who has it from an administrator need not believe the copy in the zip.
 */
function checksumsOf(model: string, parts: readonly Part[]): Part[] {
  const lines = [["model.onnx", model], ...parts.map(({ name, content }) => [name, sha256Of(content)] as const)];
  const content = lines.map(([name, sha256]) => `${sha256}  ${name}\n`).join("");
  const { keyId, sign } = approvalSigner();
  const key = approvalKeys().get(keyId);
  return [
    { name: "SHA256SUMS", content },
    { name: "SHA256SUMS.sig", content: Buffer.from(sign(content), "base64") },
    ...(key ? [{ name: "signing-key.pem", content: key.export({ type: "spki", format: "pem" }) }] : []),
  ];
}

/**
 * A version as a zip, streamed. What is read from the store is the file that the checksums name: one that was changed there ends the stream with an error.
 * Errors: as for the use case.
 */
export async function exportVersion(
  actor: Actor,
  project: string,
  input: { readonly name: string; readonly version: string },
): Promise<{ readonly name: string; readonly stream: Readable }> {
  const { name, at, model, parts } = await packVersion(actor, project, input);
  const zip = new yazl.ZipFile();
  const out = new PassThrough();
  const fail = (error: Error): void => void out.destroy(error);
  const options = { mtime: at, mode: 0o100644 };
  const hash = createHash("sha256");
  const checked = new Transform({
    transform: (chunk: Buffer, _, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
    flush: (done) => {
      const isSame = hash.digest("hex") === model.sha256;
      done(isSame ? null : new Error(`the stored content ${model.sha256} is not what its name says`));
    },
  });
  const file = pipeline(await openRead(model.sha256), checked, (error) => {
    if (error) fail(error);
  });
  out.once("close", () => file.destroy());
  zip.on("error", fail);
  for (const part of parts)
    zip.addBuffer(
      typeof part.content === "string" ? Buffer.from(part.content) : part.content,
      `${name}/${part.name}`,
      options,
    );
  // The last: it is read while it is sent.
  zip.addReadStream(file, `${name}/model.onnx`, { ...options, compress: false, size: model.sizeBytes });
  zip.end();
  zip.outputStream.pipe(out);
  return { name: `${name}.zip`, stream: out };
}

function readmeOf({ model, version, golden }: VersionDto, hasGolden: boolean): string {
  const checked = golden?.check?.state === "agrees" ? ", which this file answered alike when it was registered" : "";
  return `# ${model} version ${version}

A model as one ONNX file, with all it takes to run it without a network. Exported from Touchstone; card.json says where it comes from and who approved it.

| file | |
|---|---|
| model.onnx | the model |
| signature.json | inputs and outputs by name, type and shape, and what the outputs mean |
| labels.json | task and classes, in the order of the probabilities |
| rows.json | rows to try it with |
${hasGolden ? `| golden.json | rows with the training framework's own answers${checked} |\n` : ""}| card.json | description, metrics, run, commit, data and approvals |
| run.mjs, package.json | runner for Node 20 and later |
| run.py, requirements.txt | runner for Python 3.10 and later |
| Containerfile | an image with the Node runner |
| SHA256SUMS, SHA256SUMS.sig, signing-key.pem | checksums of all of them, signed (Ed25519) by the installation that exported |

\`\`\`bash
sha256sum --check SHA256SUMS
openssl pkeyutl -verify -pubin -inkey signing-key.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig   # with the key that you have from the installation

npm install --ignore-scripts && node run.mjs rows.json     # the script of ONNX Runtime would download CUDA, which nothing here uses
python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python run.py rows.json
podman build -t model . && podman run -i --rm model < rows.json
\`\`\`

Each prints one line of JSON per row. Rows are objects by input name; null is a missing number.
`;
}
