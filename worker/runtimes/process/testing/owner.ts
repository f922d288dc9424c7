import path from "node:path";
import { log } from "#server/platform/log.ts";
import { makeProcessFolder } from "../process-folder.ts";
import { SupervisedProcess } from "../supervised-process.ts";

// A worker that can be killed: starts one process, says its own children's id on standard output, and waits.
const folder = await makeProcessFolder();
const running = new SupervisedProcess(
  {
    name: "owned",
    argv: [process.execPath, path.join(import.meta.dirname, "echo.mjs")],
    env: { PATH: "/usr/bin:/bin" },
    folder,
    readOnly: [path.dirname(process.execPath), import.meta.dirname],
    memoryBytes: 512 * 1024 * 1024,
  },
  { startMs: 20_000, requestMs: 5_000, inFlight: 4 },
  log,
);
await running.start();
console.log("started");
setInterval(() => undefined, 1000);
