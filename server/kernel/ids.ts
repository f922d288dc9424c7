/** Three hex digits for every value of 12 bits. */
const HEX3 = Array.from({ length: 4096 }, (_, bits) => bits.toString(16).padStart(3, "0"));
const VARIANT = ["8", "9", "a", "b"] as const;
/** Random bits are drawn for many ids at once: the system call would cost more than the rest of a small request. */
const entropy = new Uint16Array(2048);
const PER_ID = 7;
let used = entropy.length;
/** The digits of a millisecond, which many ids share. */
let timed = -1;
let time = "";

/**
 * A UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then random bits, so that ids sort by creation and index well.
 * `at` is milliseconds since 1970.
 */
export function uuidv7(at: number = Date.now()): string {
  if (used + PER_ID > entropy.length) {
    crypto.getRandomValues(entropy);
    used = 0;
  }
  if (at !== timed) {
    const digits = Math.floor(at).toString(16).padStart(12, "0");
    time = `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
    timed = at;
  }
  const from = used;
  used += PER_ID;
  const variant = VARIANT[(entropy[from] ?? 0) & 3] ?? "";
  return `${time}${hex(from + 1)}-${variant}${hex(from + 2)}-${hex(from + 3)}${hex(from + 4)}${hex(from + 5)}${hex(from + 6)}`;
}

const hex = (index: number): string => HEX3[(entropy[index] ?? 0) & 0xfff] ?? "";

/** 32 random hex digits, the form of MLflow's run ids. */
export function hexId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` may be compared with a uuid column; anything else would make Postgres refuse the query. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
