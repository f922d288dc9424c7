import { spawnSync } from "node:child_process";
import { generateClient } from "../launch/generate.ts";

// What the checks read that is not in Git: the Prisma client, and the types that Next derives from the routes.
generateClient();
const typegen = spawnSync(process.execPath, ["node_modules/next/dist/bin/next", "typegen"], { stdio: "inherit" });
process.exitCode = typegen.status ?? 1;
