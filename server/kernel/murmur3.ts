let scratch = new Uint8Array(4096);
const encoder = new TextEncoder();

/**
 * MurmurHash3 x86 32-bit (Austin Appleby, public domain) of a text's UTF-8 bytes: a whole number from 0 to 2³²−1 that is the same on every machine and
 * in every language. Spreads evenly; it is no secret and proves nothing.
 */
export function murmur3(text: string, seed = 0): number {
  const length = write(text);
  const bytes = scratch;
  const whole = length & ~3;
  let hash = seed | 0;
  for (let i = 0; i < whole; i += 4) {
    hash ^= mix(byte(bytes, i) | (byte(bytes, i + 1) << 8) | (byte(bytes, i + 2) << 16) | (byte(bytes, i + 3) << 24));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let i = length - 1; i >= whole; i -= 1) rest = (rest << 8) | byte(bytes, i);
  if (whole < length) hash ^= mix(rest);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function mix(block: number): number {
  const spread = Math.imul(block, 0xcc9e2d51);
  return Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
}

/** Puts the text's bytes into the scratch memory and gives their number; no memory is taken for a text of usual length. */
function write(text: string): number {
  if (text.length * 3 > scratch.length) scratch = new Uint8Array(text.length * 3);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return encoder.encodeInto(text, scratch).written;
    scratch[i] = code;
  }
  return text.length;
}
