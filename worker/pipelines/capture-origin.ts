import os from "node:os";
import { recordAttemptOrigin } from "#server/pipelines/index.ts";
import type { ClaimedStep } from "#server/pipelines/index.ts";
import type { AttemptFolder } from "./attempt-folder.ts";
import { runTool } from "../environments/run-tool.ts";

const GPU_QUERY = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"];
let gpus: Promise<string[]> | null = null;

/** Names and memory of the graphics processors, asked once: they do not change while a worker lives. */
function graphicsProcessors(): Promise<string[]> {
  gpus ??= runTool(GPU_QUERY, { signal: AbortSignal.timeout(5_000) }).then(
    ({ code, output }) => (code === 0 ? output.trim().split("\n").filter(Boolean) : []),
    () => [],
  );
  return gpus;
}

/** The command as a person would type it in the checkout: what lies in the attempt's folder gets a relative path. */
export function relativeWords(words: readonly string[], folder: Pick<AttemptFolder, "code" | "root">): string[] {
  return words.map((word) => word.replaceAll(`${folder.code}/`, "").replaceAll(`${folder.root}/`, "../"));
}

/** Keeps command, versions and machine of an attempt that is about to start: nobody has to log them. */
export async function captureOrigin(
  claimed: ClaimedStep,
  folder: AttemptFolder,
  seen: { words: readonly string[]; python: { version: string; hash: string } | null },
): Promise<void> {
  const [cpu] = os.cpus();
  await recordAttemptOrigin(claimed.attemptId, {
    command: relativeWords(seen.words, folder),
    node: process.version.slice(1),
    python: seen.python && { version: seen.python.version, environment: seen.python.hash },
    hardware: {
      host: os.hostname(),
      platform: `${os.platform()} ${os.arch()}`,
      release: os.release(),
      processor: cpu?.model.trim() ?? "",
      cores: os.cpus().length,
      memoryBytes: os.totalmem(),
      coresGiven: claimed.step.cpu,
      memoryLimitBytes: claimed.step.memoryBytes,
      gpus: await graphicsProcessors(),
    },
  });
}
