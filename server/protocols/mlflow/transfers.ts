import { type Actor, systemActor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";
import { fileResponse } from "#server/platform/file-response.ts";
import { beginParts, dropParts, joinedParts, keepPart, type Part } from "#server/platform/object-parts.ts";
import {
  artifactRoot,
  checkUpload,
  getLoggedModel,
  getRun,
  invalidValue,
  missingValue,
  openArtifact,
  uploadArtifact,
} from "#server/tracking/index.ts";
import { announced, contentOf, placeOf } from "./artifact-request.ts";
import type { Handler } from "./call.ts";
import type { Fields } from "./fields.ts";
import { isMacOf, macOf, readPermit, signPermit } from "./signed-link.ts";

/** How long a signed address can be used: long enough for a slow line to begin every part of a large file. */
const LINK_SECONDS = 15 * 60;
const PART_SECONDS = 6 * 3600;
const MOST_PARTS = 10_000;

/** The address under which the caller reached us: behind a proxy the request itself names only the inner one. */
function originOf(request: Request): string {
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host");
  if (!host || !/^[\w.:[\]-]+$/.test(host)) return env().appUrl;
  const said = request.headers.get("x-forwarded-proto") ?? new URL(request.url).protocol.replace(":", "");
  return `${said === "https" ? "https" : "http"}://${host}`;
}

const linkTo = (request: Request, signed: string) => `${originOf(request)}/api/2.0/mlflow-artifacts/signed/${signed}`;

/** The file that an upload in parts will be: the folder of the address and the name of the local file. */
function targetOf(folder: string, fields: Fields): string {
  const name = fields.required("path").split(/[\\/]/).at(-1) ?? "";
  return folder === "" ? name : `${folder}/${name}`;
}

/** The upload behind an id that was given out for this very file. Errors: not_found for every other. */
function uploadOf(id: string, target: string): string {
  const [upload = "", mac = ""] = id.split(".");
  if (!isMacOf(mac, `${upload} ${target}`))
    throw new AppError("not_found", `There is no upload '${id.slice(0, 80)}' of '${target}'.`, { field: "upload_id" });
  return upload;
}

interface Transfer {
  readonly request: Request;
  readonly actor: Actor;
  readonly project: string;
  /** What follows the act in the address, decoded. */
  readonly path: string;
  readonly fields: Fields;
}

async function createUpload({ request, actor, project, path, fields }: Transfer): Promise<object> {
  const target = targetOf(path, fields);
  const count = fields.int("num_parts") ?? 1;
  if (count < 1 || count > MOST_PARTS)
    throw invalidValue("num_parts", count, ` It must be between 1 and ${MOST_PARTS}.`);
  await checkUpload(actor, project, placeOf(target));
  const upload = await beginParts();
  return {
    upload_id: `${upload}.${macOf(`${upload} ${target}`)}`,
    credentials: Array.from({ length: count }, (_, i) => ({
      url: linkTo(request, signPermit({ act: "part", project, path: target, upload, part: i + 1 }, PART_SECONDS)),
      part_number: i + 1,
      headers: {},
    })),
  };
}

function partOf(item: Fields): Part {
  return { number: item.requiredInt("part_number"), sha256: (item.text("etag") ?? "").replaceAll('"', "") };
}

async function completeUpload({ actor, project, path, fields }: Transfer): Promise<object> {
  const target = targetOf(path, fields);
  const upload = uploadOf(fields.required("upload_id"), target);
  const parts = fields.messages("parts", partOf).toSorted((a, b) => a.number - b.number);
  if (parts.length === 0) throw missingValue("parts");
  const odd = parts.find((part, i) => part.number !== i + 1);
  if (odd) throw invalidValue("parts", odd.number, " The parts must be numbered from 1 without a gap.");
  // The file takes its place when all of it is stored, so that nobody ever reads half of it.
  await uploadArtifact(actor, project, placeOf(target), await joinedParts(upload, parts));
  await dropParts(upload);
  return {};
}

async function abortUpload({ actor, project, path, fields }: Transfer): Promise<object> {
  const target = targetOf(path, fields);
  const upload = uploadOf(fields.required("upload_id"), target);
  await checkUpload(actor, project, placeOf(target));
  await dropParts(upload);
  return {};
}

/** The acts on `/mlflow-artifacts/mpu/<act>/<path>`. */
export const MULTIPART: Readonly<Record<string, (transfer: Transfer) => Promise<object>>> = {
  create: createUpload,
  complete: completeUpload,
  abort: abortUpload,
};

/** `/mlflow-artifacts/presigned/<path>`: an address from which the file can be read for a while, in ranges, without a token. */
export async function presignDownload({ request, actor, project, path }: Omit<Transfer, "fields">): Promise<object> {
  const { sizeBytes } = await openArtifact(actor, project, placeOf(path));
  const url = linkTo(request, signPermit({ act: "download", project, path }, LINK_SECONDS));
  return { url, headers: {}, file_size: sizeBytes };
}

/** An address to which a file of a run or logged model can be sent for a while without a token. */
export const createPresignedUpload: Handler = async ({ actor, project, fields, request }) => {
  const runId = fields.text("run_id") ?? "";
  const modelId = fields.text("model_id") ?? "";
  if ((runId === "") === (modelId === ""))
    throw new AppError("invalid_input", "Exactly one of run_id and model_id must be provided.", { field: "run_id" });
  const path = fields.required("path");
  const seconds = fields.int("expiration") ?? LINK_SECONDS;
  if (seconds < 1 || seconds > PART_SECONDS)
    throw invalidValue("expiration", seconds, ` It must be between 1 and ${PART_SECONDS} seconds.`);
  const owner = runId ? ({ kind: "run", id: runId } as const) : ({ kind: "model", id: modelId } as const);
  const { experiment } = runId
    ? await getRun(actor, project, { runId })
    : await getLoggedModel(actor, project, { modelId });
  await checkUpload(actor, project, { owner, path });
  const full = `${artifactRoot(experiment, owner)}/artifacts/${path}`;
  return {
    presigned_url: linkTo(request, signPermit({ act: "upload", project, path: full }, seconds)),
    headers: {},
  };
};

/**
 * What is sent to or read from a signed address. Whoever has the address may: the decision fell when it was signed, so the platform itself acts here.
 * Errors: forbidden for a signature that is wrong or over and for another method, not_found for a file or run that is gone.
 */
export async function answerSigned(request: Request, signed: string, requestId: string): Promise<Response> {
  const permit = readPermit(signed);
  const wanted = permit.act === "download" ? ["GET", "HEAD"] : ["PUT"];
  if (!wanted.includes(request.method))
    throw new AppError("forbidden", `This address is signed for ${wanted.join(" and ")} alone.`);
  if (permit.act === "part") {
    const part = await keepPart(permit.upload, permit.part, contentOf(request), announced(request));
    return new Response(null, { status: 200, headers: { etag: `"${part.sha256}"` } });
  }
  const actor = systemActor("signed address", requestId);
  if (permit.act === "upload") {
    const stored = await uploadArtifact(
      actor,
      permit.project,
      placeOf(permit.path),
      contentOf(request),
      announced(request),
    );
    return new Response(null, { status: 200, headers: { etag: `"${stored.sha256}"` } });
  }
  const file = await openArtifact(actor, permit.project, placeOf(permit.path));
  return await fileResponse(request, { ...file, name: file.path.slice(file.path.lastIndexOf("/") + 1) });
}
