/** Packages and Python as files say that MLflow clients log beside a model. */
export interface StatedEnvironment {
  readonly python: string | null;
  readonly packages: Readonly<Record<string, string>>;
}

const NAME = String.raw`[A-Za-z0-9][A-Za-z0-9._-]*`;
/** "name==1.2" with extras and markers around it; other specifiers are kept as they are written. */
const REQUIREMENT = new RegExp(
  String.raw`^(${NAME})(?:\[[^\]]*\])?\s*((?:===?|~=|!=|>=?|<=?)[^;#\s]+(?:\s*,\s*(?:===?|~=|!=|>=?|<=?)[^;#\s]+)*)?`,
);

const key = (name: string): string => name.toLowerCase().replaceAll("_", "-");
const version = (specifier: string | undefined): string =>
  specifier === undefined ? "any" : specifier.replace(/^={2,3}/, "").trim();

/** Lines of a requirements file; what is no requirement is skipped. */
export function parseRequirements(text: string): Record<string, string> {
  const packages: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const match = /^\s*[-#]/.test(line) ? null : REQUIREMENT.exec(line.trim());
    if (match?.[1]) packages[key(match[1])] = version(match[2]);
  }
  return packages;
}

/** A conda.yaml or python_env.yaml as MLflow writes it: lists of "- name=1.2" and "- name==1.2", and the Python. */
export function parseEnvironmentYaml(text: string): StatedEnvironment {
  const packages: Record<string, string> = {};
  let python = /^python:\s*['"]?(\d[\w.]*)/m.exec(text)?.[1] ?? null;
  for (const line of text.split("\n")) {
    const item = /^\s*-\s+([^:]+)$/
      .exec(line)?.[1]
      ?.trim()
      .replace(/^['"]|['"]$/g, "");
    if (item === undefined || item.startsWith("-")) continue;
    const match = REQUIREMENT.exec(item.replace(/^([^=<>!~]+)=(?=[^=])/, "$1=="));
    const name = match?.[1];
    if (!name || match[2] === undefined) continue;
    if (key(name) === "python") python ??= version(match[2]);
    else packages[key(name)] = version(match[2]);
  }
  return { python, packages };
}

/** What several files say together; exact versions win over specifiers and earlier files over later ones. */
export function mergeStated(parts: readonly StatedEnvironment[]): StatedEnvironment {
  const packages: Record<string, string> = {};
  const exact = (text: string | undefined): boolean => text !== undefined && /^\d/.test(text);
  for (const part of parts)
    for (const [name, said] of Object.entries(part.packages))
      if (packages[name] === undefined || (!exact(packages[name]) && exact(said))) packages[name] = said;
  return {
    python: parts.find((part) => part.python !== null)?.python ?? null,
    packages: Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
