import { AppError } from "#server/kernel/errors.ts";
import type { NamedValues, RuntimeSignature } from "#server/platform/runtimes.ts";
import { Datatype, rowWidth } from "#server/registry/contract.ts";
import { allocate, type Feed } from "./tensors.ts";

/** The feeds of rows whose inputs are given by name, row by row. Throws AppError `invalid_input` for an input that is missing or of another length. */
export function namedFeeds(signature: Pick<RuntimeSignature, "inputs">, inputs: NamedValues, rows: number): Feed[] {
  return signature.inputs.map((tensor) => {
    const { name, shape } = tensor;
    const datatype = Datatype.parse(tensor.datatype);
    const values = inputs[name];
    const wanted = rows * rowWidth({ shape: [...shape] });
    if (values?.length !== wanted)
      throw new AppError("invalid_input", `The rows have ${values?.length ?? 0} of ${wanted} values for '${name}'.`, {
        field: name,
        remedy: "Give each input of the model its values, row by row.",
      });
    const data = allocate(datatype, wanted);
    for (let i = 0; i < wanted; i += 1) {
      const value = values[i];
      if (Array.isArray(data)) data[i] = String(value);
      else if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(Number(value));
      else data[i] = value === null ? Number.NaN : Number(value);
    }
    return { name, datatype, dims: [rows, ...shape.slice(1).map((d) => (d < 0 ? 1 : d))], data };
  });
}
