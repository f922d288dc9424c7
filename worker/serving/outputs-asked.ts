import { Refusal, show, wrong } from "./refusal.ts";
import { isObject } from "./request-facts.ts";

/** Which outputs a request asks for, and which of them as raw bytes; null for all, and for none. */
export interface OutputsAsked {
  readonly wanted: readonly string[] | null;
  readonly binary: ReadonlySet<string> | null;
}

const ALL: OutputsAsked = { wanted: null, binary: null };

/** Makes the function that reads `outputs` and `parameters.binary_data_output`. It throws a Refusal that names the place. */
export function compileOutputs(names: readonly string[]): (given: unknown, parameters: unknown) => OutputsAsked {
  const gives = names.map((name) => `"${name}"`).join(", ");
  const nameOf = (output: unknown, place: string): string => {
    const name = isObject(output) ? output["name"] : undefined;
    if (typeof name === "string" && names.includes(name)) return name;
    throw new Refusal(400, `${place}.name: this model has no output ${show(name)}; it gives ${gives}`);
  };
  return (given, parameters) => {
    const byDefault = isObject(parameters)
      ? readFlag(parameters["binary_data_output"], "parameters.binary_data_output")
      : undefined;
    if (given === undefined || given === null || (Array.isArray(given) && given.length === 0))
      return byDefault ? { wanted: null, binary: new Set(names) } : ALL;
    if (!Array.isArray(given)) throw wrong("outputs", "a list of objects with a name", given);
    const wanted = new Set<string>();
    const binary = new Set<string>();
    given.forEach((output: unknown, i) => {
      const place = `outputs[${i}]`;
      const name = nameOf(output, place);
      wanted.add(name);
      const own = isObject(output) ? readOwn(output["parameters"], place) : undefined;
      if (own ?? byDefault) binary.add(name);
    });
    return { wanted: [...wanted], binary: binary.size > 0 ? binary : null };
  };
}

/** What an output's own parameters say of raw bytes; they win over the request's. */
function readOwn(parameters: unknown, place: string): boolean | undefined {
  if (parameters === undefined || parameters === null) return undefined;
  if (!isObject(parameters)) throw wrong(`${place}.parameters`, "an object", parameters);
  if (Number(parameters["classification"] ?? 0) > 0)
    throw new Refusal(400, `${place}.parameters.classification: ranking is not offered; read the probabilities`);
  if (parameters["shared_memory_region"] !== undefined)
    throw new Refusal(400, `${place}.parameters.shared_memory_region: shared memory is not offered`);
  return readFlag(parameters["binary_data"], `${place}.parameters.binary_data`);
}

function readFlag(given: unknown, place: string): boolean | undefined {
  if (given === undefined || given === null || typeof given === "boolean") return given ?? undefined;
  throw wrong(place, "true or false", given);
}
