import { Datatype } from "#server/registry/contract.ts";
import { allocate, type Feed, type Outputs, type TensorData } from "../onnx/tensors.ts";
import { BrokenFrame, type Frame } from "../process/frames.ts";

// Typed arrays have the byte order of the machine, and every machine that Node runs on here is little-endian, as the frames are.

/** Feeds as the host reads them: what each is, and their raw bytes one after the other. */
export function writeFeeds(feeds: readonly Feed[]): { described: object[]; body: Uint8Array[] } {
  const body = feeds.map(({ data }) => bytesOf(data));
  const described = feeds.map(({ name, datatype, dims }, i) => ({
    name,
    datatype,
    dims,
    bytes: body[i]?.byteLength ?? 0,
  }));
  return { described, body };
}

/** The outputs of an answer. Throws BrokenFrame when its bytes are not what it says of them. */
export function readOutputs({ header, body }: Frame): Outputs {
  const outputs: Record<string, Outputs[string]> = {};
  let at = 0;
  for (const tensor of header["tensors"] as readonly {
    name: string;
    datatype: string;
    dims: readonly number[];
    bytes: number;
  }[]) {
    const bytes = body.subarray(at, at + tensor.bytes);
    at += tensor.bytes;
    const count = tensor.dims.reduce((n, d) => n * d, 1);
    outputs[tensor.name] = { dims: tensor.dims, data: dataOf(Datatype.parse(tensor.datatype), bytes, count) };
  }
  return outputs;
}

function bytesOf(data: TensorData): Uint8Array {
  if (!Array.isArray(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const texts = data.map((text) => Buffer.from(text));
  const all = Buffer.allocUnsafe(texts.reduce((n, text) => n + 4 + text.length, 0));
  let at = 0;
  for (const text of texts) {
    at = all.writeUInt32LE(text.length, at);
    at += text.copy(all, at);
  }
  return all;
}

function dataOf(datatype: Datatype, bytes: Buffer, count: number): TensorData {
  const data = allocate(datatype, count);
  if (Array.isArray(data)) {
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      const length = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY;
      if (length > bytes.length - at - 4) throw new BrokenFrame("the texts of an output are cut short");
      data[i] = bytes.toString("utf8", at + 4, at + 4 + length);
      at += 4 + length;
    }
    return data;
  }
  if (data.byteLength !== bytes.length)
    throw new BrokenFrame(`${bytes.length} bytes for ${count} values of ${datatype}`);
  new Uint8Array(data.buffer).set(bytes);
  return data;
}
