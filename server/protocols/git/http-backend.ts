import { spawn } from "node:child_process";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  authoriseFetch,
  authorisePush,
  beginPush,
  gitEnvironment,
  noteCommits,
  recordPush,
  repositoryDir,
} from "#server/code/index.ts";
import type { Actor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { log } from "#server/platform/log.ts";

const ROUTE = /^([a-z][a-z0-9-]*)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;
const FINISH_MS = 120_000;

/**
 * Git's smart HTTP protocol for one project's repository, by the system's `git http-backend` as a CGI program, streamed both ways. `route` is the address
 * below /git/, e.g. "flight-delays.git/info/refs". Errors: not_found, forbidden for a caller without the scope.
 */
export async function answerGit(actor: Actor, request: Request, route: string): Promise<Response> {
  const match = ROUTE.exec(route);
  if (!match)
    throw new AppError("not_found", "A repository's address is /git/<project>.git.", { field: "path", value: route });
  const [, project = "", service = ""] = match;
  const url = new URL(request.url);
  const pushing = service === "git-receive-pack" || url.searchParams.get("service") === "git-receive-pack";
  if (!pushing) {
    const { projectId } = await authoriseFetch(actor, project, {});
    return await runBackend(actor, request, url, projectId, service);
  }
  if (service !== "git-receive-pack") {
    const { projectId } = await authorisePush(actor, project, {});
    return await runBackend(actor, request, url, projectId, service);
  }
  const { projectId, push, branches, refs } = await beginPush(actor, project, {});
  return await runBackend(actor, request, url, projectId, service, async () => {
    await noteCommits(actor, project, { push, before: refs });
    await recordPush(actor, project, { before: branches });
  });
}

async function runBackend(
  actor: Actor,
  request: Request,
  url: URL,
  projectId: string,
  service: string,
  done?: () => Promise<void>,
): Promise<Response> {
  const dir = repositoryDir(projectId);
  const header = (name: string): string => request.headers.get(name) ?? "";
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: gitEnvironment({
      GIT_PROJECT_ROOT: path.dirname(dir),
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: `/${path.basename(dir)}/${service}`,
      REQUEST_METHOD: request.method,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: header("content-type"),
      ...(header("content-length") ? { CONTENT_LENGTH: header("content-length") } : {}),
      ...(header("content-encoding") ? { HTTP_CONTENT_ENCODING: header("content-encoding") } : {}),
      ...(header("git-protocol") ? { GIT_PROTOCOL: header("git-protocol") } : {}),
      REMOTE_USER: actor.name,
      REMOTE_ADDR: "127.0.0.1",
    }) as NodeJS.ProcessEnv,
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), FINISH_MS);
  const stop = (): void => void child.kill("SIGTERM");
  request.signal.addEventListener("abort", stop);
  child.stderr.on("data", (chunk: Buffer) => {
    log.debug({ projectId, service }, `git http-backend: ${chunk.toString().trim()}`);
  });
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => {
      clearTimeout(limit);
      request.signal.removeEventListener("abort", stop);
      resolve();
    });
  });
  const body = request.body ? Readable.fromWeb(request.body as never) : Readable.from([]);
  const sent = pipeline(body, child.stdin).catch(() => undefined);
  // Whether or not anybody still reads the answer: what git took in is recorded.
  const recorded = Promise.all([ended, sent]).then(() => done?.());
  recorded.catch((err: unknown) => log.error({ err, projectId, service }, "what git did could not be recorded"));
  const { head, rest } = await readHead(child.stdout);
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      try {
        if (rest.length > 0) controller.enqueue(rest);
        for await (const chunk of child.stdout) controller.enqueue(chunk as Uint8Array);
        // The record is written before the answer ends, so that whoever pushed sees the new commit in the browser at once.
        await recorded;
        controller.close();
      } catch (error) {
        controller.error(error);
      }
    },
    cancel: stop,
  });
  const status = Number(/^status: (\d{3})/im.exec(head)?.[1] ?? 200);
  const headers = new Headers({ "cache-control": "no-cache" });
  for (const line of head.split(/\r?\n/)) {
    const at = line.indexOf(":");
    if (at > 0 && !/^status$/i.test(line.slice(0, at))) headers.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  return new Response(stream, { status, headers });
}

/** The CGI header and whatever of the body came with it. */
async function readHead(out: Readable): Promise<{ head: string; rest: Buffer }> {
  let buffer = Buffer.alloc(0);
  for (;;) {
    const at = buffer.indexOf("\r\n\r\n");
    if (at >= 0) return { head: buffer.subarray(0, at).toString("latin1"), rest: buffer.subarray(at + 4) };
    const chunk = out.read() as Buffer | null;
    if (chunk) buffer = Buffer.concat([buffer, chunk]);
    else if (out.readableEnded || out.destroyed)
      throw new AppError("unavailable", "git http-backend gave no answer.", {
        remedy: "Check that git is installed with its http-backend.",
      });
    else
      await new Promise((resolve) => {
        out.once("readable", resolve);
        out.once("end", resolve);
        out.once("close", resolve);
      });
  }
}
