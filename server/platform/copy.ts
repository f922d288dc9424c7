import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from, to } from "pg-copy-streams";
import { COPY_HEADER, COPY_TRAILER, type CopyReader, CopyRows } from "./copy-format.ts";
import { hearErrors, pool } from "./db.ts";

/** Writes rows of a CopyWriter on `client`; `into` is a table with its columns, as "log (id, at)". Returns the number of rows. */
export async function copyIn(client: pg.PoolClient, into: string, rows: Buffer): Promise<number> {
  const stream = client.query(from(`copy ${into} from stdin (format binary)`));
  await pipeline(Readable.from([COPY_HEADER, rows, COPY_TRAILER]), stream);
  return stream.rowCount;
}

/** A text as SQL writes it, for COPY, which takes no parameters. */
export function textLiteral(text: string): string {
  return pg.escapeLiteral(text);
}

/**
 * Reads the rows of `query` (COPY takes no parameters: only what cannot be anything but a value may stand in it) and calls `row` for each, on a
 * connection of the pool. `between` is awaited now and then, after some rows, before more are asked for: what gathers them may put them away.
 */
export async function copyOut(
  query: string,
  row: (reader: CopyReader) => void,
  between?: () => Promise<void>,
): Promise<void> {
  const client = await pool().connect();
  const unhear = hearErrors(client);
  let failure: Error | undefined;
  try {
    const rows = new CopyRows(row);
    for await (const chunk of client.query(to(`copy (${query}) to stdout (format binary)`))) {
      rows.push(chunk as Buffer);
      await between?.();
    }
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // A connection in the middle of a COPY cannot be used again.
    client.release(failure);
    unhear();
  }
}
