/** An environment cannot be had; the message says why and what to do, in one line. */
export class EnvironmentError extends Error {}

const UNREACHABLE =
  /NewConnectionError|NameResolutionError|Temporary failure in name resolution|Name or service not known|Network is unreachable|Connection refused|ConnectTimeoutError|ReadTimeoutError|ProxyError|dns error|error sending request|tcp connect error|Connection reset/i;
const CERTIFICATE = /CERTIFICATE_VERIFY_FAILED|SSLError|invalid peer certificate/i;

interface Rule {
  readonly pattern: RegExp;
  readonly say: (match: RegExpExecArray) => string;
}

const RULES: readonly Rule[] = [
  { pattern: /No space left on device/i, say: () => "the disk is full. Free space in DATA_DIR." },
  {
    pattern: CERTIFICATE,
    say: () =>
      "the package index's certificate is not trusted. Name your company's certificates with PIP_CERT or SSL_CERT_FILE.",
  },
  {
    pattern: UNREACHABLE,
    say: () =>
      "the package index cannot be reached (PyPI, or what PIP_INDEX_URL names). Check the network or the proxy, or point PIP_FIND_LINKS at a folder of wheels.",
  },
  {
    pattern: /ensurepip is not available|No module named (?:venv|ensurepip)/i,
    say: () =>
      "this Python cannot make environments. Install its venv module (Debian, Ubuntu: apt-get install python3-venv), or uv.",
  },
  {
    pattern: /Cannot install ([\s\S]+?) because these package versions have conflicting dependencies/,
    say: (m) => `${oneLine(m[1])} contradict each other. Loosen one of their versions.`,
  },
  {
    pattern: /THESE PACKAGES DO NOT MATCH THE HASHES[\s\S]*?\n\s+(\S+) from/,
    say: (m) => `${m[1] ?? "a package"} is not what its hash says. Update the hash if the package was meant to change.`,
  },
  {
    pattern: /(?:Invalid requirement|Couldn't parse requirement in .*?): *['"`]?([^'"`\n]+)/i,
    say: (m) => `'${oneLine(m[1])}' is no requirement. Write name==version.`,
  },
  {
    pattern: /No matching distribution found for ([^\n]+)/,
    say: (m) =>
      `'${oneLine(m[1])}' was not found on the package index, or not for this Python version. Check the name and the version.`,
  },
  {
    pattern: /Because (\S+) was not found in the package registry/,
    say: (m) => `'${m[1] ?? ""}' was not found on the package index. Check the name.`,
  },
  {
    pattern: /No solution found when resolving dependencies:\s*([\s\S]+?)(?:\n\s*\n|$)/,
    say: (m) => `no versions fit together: ${oneLine(m[1]?.replace(/[╰─▶│]/g, " "))}`,
  },
  {
    pattern:
      /(?:Failed building wheel for|Failed to build(?: installable wheels for)?|Could not build wheels for) [`']?([^\s`',]+)/,
    say: (m) =>
      `'${m[1] ?? "a package"}' has no ready-made file for this machine and could not be built here. Choose a version that has one.`,
  },
];

function oneLine(text = ""): string {
  return text.replaceAll(/\s+/g, " ").trim().slice(0, 300);
}

/** Why a tool failed, from what it wrote: the package and the reason, and what to do. */
export function explainFailure(output: string): string {
  for (const { pattern, say } of RULES) {
    const match = pattern.exec(output);
    if (match) return say(match);
  }
  const lines = output.split("\n").map((line) => line.trim());
  const last = lines.findLast((line) => /^(ERROR|error|×)/.test(line)) ?? lines.findLast((line) => line !== "");
  return oneLine(last?.replace(/^(ERROR|error):\s*/, "")) || "the tool gave no reason";
}
