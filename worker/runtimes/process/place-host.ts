import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import type { ProcessFolder } from "./process-folder.ts";

/** The programs that run inside of a process, each with what it imports. */
const HOSTS = {
  pyfunc: ["pyfunc_host.py", "touchstone_channel.py"],
  python: ["service_host.py", "touchstone_channel.py"],
  typescript: ["service-host.mjs"],
} as const;
export type Host = keyof typeof HOSTS;

/** Copies a host to where its process sees it and cannot change it, and gives its path. */
export async function placeHost(host: Host, { inputs }: ProcessFolder): Promise<string> {
  const dir = path.join(inputs, "host");
  await mkdir(dir, { recursive: true });
  for (const file of HOSTS[host]) await copyFile(path.join(import.meta.dirname, "hosts", file), path.join(dir, file));
  return path.join(dir, HOSTS[host][0]);
}
