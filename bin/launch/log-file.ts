import { createWriteStream, existsSync, mkdirSync, renameSync, statSync, type WriteStream } from "node:fs";
import path from "node:path";

export type LogFile = { write(text: string): void; close(): Promise<void> };

/** Appends to `<dir>/<name>.log`; at `limit` bytes it becomes `<name>.log.1`, and the one before that is gone. */
export function openLogFile(dir: string, name: string, limit = 10_000_000): LogFile {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = path.join(dir, `${name}.log`);
  let size = 0;
  let stream: WriteStream;
  const open = () => {
    size = existsSync(file) ? statSync(file).size : 0;
    stream = createWriteStream(file, { flags: "a", mode: 0o600 });
    stream.on("error", () => undefined); // a full disk must not end the processes whose words these are
  };
  open();
  return {
    write(text) {
      if (size >= limit) {
        stream.end();
        renameSync(file, `${file}.1`);
        open();
      }
      stream.write(text);
      size += Buffer.byteLength(text);
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
