#!/usr/bin/env node
// The way in. Plain JavaScript, so that an old Node prints a sentence instead of a syntax error: everything behind it is TypeScript,
// which Node runs since 22.18. `npm start` and `npm run` put the Node 24 of node_modules first on the PATH.
import { existsSync } from "node:fs";
import module from "node:module";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const bundled = path.join(root, "node_modules/.bin/node");

if (!existsSync(path.join(root, "node_modules/pg/package.json"))) {
  console.error("The dependencies are not installed. Run npm ci, then npm start.");
  process.exit(1);
} else if (major < 22 || (major === 22 && minor < 18)) {
  const remedy = existsSync(bundled)
    ? "Run npm start or npm run -s touchstone -- <command>: npm uses the Node 24 that was installed with Touchstone."
    : "Install Node 24 (https://nodejs.org) and start again: there is no bundled one for this machine.";
  console.error(`Touchstone needs Node 22.18 or newer; this is ${process.versions.node}. ${remedy}`);
  process.exit(1);
} else {
  module.enableCompileCache(path.join(root, "node_modules/.cache/node")); // the same folder as for the processes we start
  const { main } = await import("./touchstone.ts");
  process.exitCode = await main(process.argv.slice(2));
}
