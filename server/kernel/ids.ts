/**
 * A UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then random bits, so that ids sort by creation and index well.
 * `at` is milliseconds since 1970.
 */
export function uuidv7(at: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(at / 2 ** 32));
  view.setUint32(2, at >>> 0);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** 32 random hex digits, the form of MLflow's run ids. */
export function hexId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` may be compared with a uuid column; anything else would make Postgres refuse the query. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
