import { Refusal, wrong } from "./refusal.ts";
import { isObject } from "./request-facts.ts";

/** What follows the JSON of a request in the binary tensor extension: the raw values of its tensors, in their order. */
export class RawBytes {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next `size` bytes. Throws a Refusal when the body is cut short. */
  take(size: number, place: string): Buffer {
    const left = this.#bytes.length - this.#at;
    if (size > left)
      throw new Refusal(
        400,
        `${place}.parameters.binary_data_size: ${size} bytes, but only ${left} are left in the body`,
      );
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  /** Throws a Refusal when bytes are left that no tensor takes. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0)
      throw new Refusal(400, `The body has ${left} bytes after its last tensor that no binary_data_size names.`);
  }
}

/** How many raw bytes a tensor has; undefined for one with its data in JSON. Throws a Refusal with the place. */
export function readBinarySize(parameters: unknown, place: string): number | undefined {
  if (parameters === null) return undefined;
  if (!isObject(parameters)) throw wrong(`${place}.parameters`, "an object", parameters);
  if (parameters["shared_memory_region"] !== undefined)
    throw new Refusal(
      400,
      `${place}.parameters.shared_memory_region: shared memory is not offered; send the data in the request`,
    );
  const size = parameters["binary_data_size"];
  if (size === undefined || size === null) return undefined;
  if (!Number.isInteger(size) || (size as number) < 0)
    throw wrong(`${place}.parameters.binary_data_size`, "a number of bytes", size);
  return size as number;
}

/** The raw bytes of a tensor. Throws a Refusal when the request has none. */
export function takeBytes(bytes: RawBytes | null, size: number, place: string): Buffer {
  if (!bytes)
    throw new Refusal(
      400,
      `${place}.parameters.binary_data_size: there are no raw bytes; the header Inference-Header-Content-Length says where they begin`,
    );
  return bytes.take(size, place);
}
