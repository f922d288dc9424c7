/** The endpoint name that a model's name suggests: "Flight delays" → "flight-delays". */
export function nameFor(model: string): string {
  const name = model
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 63)
    .replace(/[^a-z0-9]+$/, "");
  return name === "" ? "model" : name;
}

/** The names to try in turn: the model's own, with the project's slug, then counted. */
export function* namesFor(model: string, projectSlug: string): Generator<string> {
  yield nameFor(model);
  const longer = nameFor(`${nameFor(model).slice(0, 63 - projectSlug.length - 1)}-${projectSlug}`);
  yield longer;
  for (let i = 2; ; i += 1) yield `${longer.slice(0, 63 - String(i).length - 1)}-${i}`;
}
