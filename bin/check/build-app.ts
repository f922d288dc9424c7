import path from "node:path";
import { buildApp } from "../launch/tasks.ts";

const root = path.join(import.meta.dirname, "../..");
const built = await buildApp({
  root,
  dataDir: path.join(root, "node_modules/.cache/check"),
  signal: new AbortController().signal,
  note: (text) => console.log(text),
});
console.log(built ? "built" : "up to date");
