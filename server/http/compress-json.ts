import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";

/** JSON from here on is worth compressing for those who take it so. */
const WORTH_COMPRESSING = 32 * 1024;

const gzipped = promisify(gzip);
const zstandard = promisify(zstdCompress);

const takes = (accepted: string, encoding: string): boolean =>
  accepted.split(",").some((part) => {
    const [name = "", weight = ""] = part.split(";").map((piece) => piece.trim().toLowerCase());
    return name === encoding && !/^q=0(\.0*)?$/.test(weight);
  });

/**
 * JSON as a client takes it by its Accept-Encoding, with the headers that say so; short JSON as it is. The fastest level of each: the histories of a hundred
 * runs, 640 kB, take 4 ms as zstd and 14 as gzip, and at gzip's usual level 20 for not one byte in ten fewer.
 */
export async function compressJson(
  json: Uint8Array,
  accepted: string | null | undefined,
): Promise<{ readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }> {
  const encodings = accepted ?? "";
  if (json.length < WORTH_COMPRESSING) return { body: json, headers: {} };
  const headers = (encoding: string) => ({ "content-encoding": encoding, vary: "accept-encoding" });
  if (takes(encodings, "zstd")) {
    const body = await zstandard(json, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    return { body, headers: headers("zstd") };
  }
  if (takes(encodings, "gzip"))
    return { body: await gzipped(json, { level: constants.Z_BEST_SPEED }), headers: headers("gzip") };
  return { body: json, headers: { vary: "accept-encoding" } };
}
