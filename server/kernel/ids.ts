const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
/** Random bytes are drawn for many ids at once: the system call would cost more than the rest of a small request. */
const entropy = new Uint8Array(4096);
let used = entropy.length;

/**
 * A UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then random bits, so that ids sort by creation and index well.
 * `at` is milliseconds since 1970.
 */
export function uuidv7(at: number = Date.now()): string {
  if (used === entropy.length) {
    crypto.getRandomValues(entropy);
    used = 0;
  }
  let node = "";
  for (let i = 0; i < 6; i += 1) node += hex(used + i);
  const a = HEX[((entropy[used + 8] ?? 0) & 0x0f) | 0x70] ?? "";
  const b = HEX[((entropy[used + 9] ?? 0) & 0x3f) | 0x80] ?? "";
  const time = Math.floor(at).toString(16).padStart(12, "0");
  const id = `${time.slice(0, 8)}-${time.slice(8)}-${a}${hex(used + 10)}-${b}${hex(used + 11)}-${node}`;
  used += 16;
  return id;
}

const hex = (index: number): string => HEX[entropy[index] ?? 0] ?? "";

/** 32 random hex digits, the form of MLflow's run ids. */
export function hexId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` may be compared with a uuid column; anything else would make Postgres refuse the query. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
