import { type FileHandle, open, writeFile } from "node:fs/promises";
import { deserialize, serialize } from "node:v8";
import type { ForestPlan } from "./plan.ts";

type Small = Pick<ForestPlan, "input" | "width" | "mirrored" | "targets" | "output">;
type Arrays = Pick<ForestPlan, "nodes" | "roots" | "depths" | "leaves">;

/** What stands behind the length of its own: the small parts, and the values of each array in the order in which they follow. */
interface Head {
  readonly small: Small;
  readonly lengths: Readonly<Record<keyof Arrays, number>>;
}

const LENGTH_BYTES = 4;
const WORD = 4;

/** Writes a plan for another process of this user. Throws where a file is already. */
export async function writePlan(file: string, { nodes, roots, depths, leaves, ...small }: ForestPlan): Promise<void> {
  const lengths = { nodes: nodes.length, roots: roots.length, depths: depths.length, leaves: leaves.length };
  const head = serialize({ small, lengths } satisfies Head);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  const bytes = [nodes, roots, depths, leaves].map((array) => new Uint8Array(array.buffer, 0, array.byteLength));
  await writeFile(file, Buffer.concat([length, head, ...bytes]), { mode: 0o600, flag: "wx" });
}

/** Reads a plan straight into the memory of its arrays, past this thread: they are megabytes. Throws when the file ends early. */
export async function readPlan(file: string): Promise<ForestPlan> {
  const handle = await open(file);
  try {
    const length = Buffer.from(await read(handle, 0, LENGTH_BYTES)).readUInt32LE();
    const { small, lengths } = deserialize(new Uint8Array(await read(handle, LENGTH_BYTES, length))) as Head;
    let at = LENGTH_BYTES + length;
    const next = async (values: number): Promise<ArrayBuffer> => {
      const memory = await read(handle, at, values * WORD);
      at += values * WORD;
      return memory;
    };
    const nodes = new Int32Array(await next(lengths.nodes));
    const roots = new Int32Array(await next(lengths.roots));
    const depths = new Int32Array(await next(lengths.depths));
    return { ...small, nodes, roots, depths, leaves: new Float32Array(await next(lengths.leaves)) };
  } finally {
    await handle.close();
  }
}

async function read(handle: FileHandle, at: number, length: number): Promise<ArrayBuffer> {
  const memory = new ArrayBuffer(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(new Uint8Array(memory), done, length - done, at + done);
    if (bytesRead === 0) throw new Error("the file of a forest ends early");
    done += bytesRead;
  }
  return memory;
}
