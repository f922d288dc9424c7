import { expect, test } from "vitest";
import { lockOf } from "./build.ts";
import { explainFailure } from "./failure.ts";
import { versionFits } from "./python-version.ts";
import { checkRequirements } from "./requirements.ts";

// Expected values from packaging.specifiers.SpecifierSet(spec).contains(version), packaging 25.0; a bare version is ours.
test.each([
  ["3.11.7", ">=3.10", true],
  ["3.9.2", ">=3.10", false],
  ["3.11.7", ">=3.10,<3.12", true],
  ["3.12.0", ">=3.10,<3.12", false],
  ["3.11.7", "==3.11.*", true],
  ["3.11.7", "==3.11", false],
  ["3.11.0", "==3.11", true],
  ["3.11.7", "~=3.10", true],
  ["4.0.0", "~=3.10", false],
  ["3.11.7", "~=3.11.2", true],
  ["3.12.1", "~=3.11.2", false],
  ["3.11.7", "!=3.11.*", false],
  ["3.11.7", ">3.11.7", false],
  ["3.11.7", "<=3.11.7", true],
  ["3.11.7", "3.11", true],
  ["3.1.0", "3.11", false],
  ["3.11.7", "three", null],
] as const)("Python %s against %s: %s", (version, specifier, fits) => {
  expect(versionFits(version, specifier)).toBe(fits);
});

// What the tools really wrote: pip 24.0 and uv 0.13.8, shortened.
test.each([
  [
    "ERROR: Could not find a version that satisfies the requirement no-such-package-xyz==1 (from versions: none)\nERROR: No matching distribution found for no-such-package-xyz==1",
    /^'no-such-package-xyz==1' was not found/,
  ],
  [
    "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3...>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/six/\nERROR: No matching distribution found for six",
    /cannot be reached \(PyPI/,
  ],
  [
    "ERROR: Cannot install a==1 and b==2 because these package versions have conflicting dependencies.",
    /^a==1 and b==2 contradict each other/,
  ],
  [
    "  × No solution found when resolving dependencies:\n  ╰─▶ Because no-such-pkg was not found in the package registry and you require no-such-pkg, we can conclude that your requirements are unsatisfiable.",
    /^'no-such-pkg' was not found/,
  ],
  [
    "error: Request failed after 3 retries\n  Caused by: Failed to fetch: `https://pypi.org/simple/six/`\n  Caused by: error sending request for url (https://pypi.org/simple/six/)\n  Caused by: dns error: failed to lookup address information",
    /cannot be reached/,
  ],
  ["  error: subprocess-exited-with-error\nERROR: Failed building wheel for gdal", /^'gdal' has no ready-made file/],
  [
    "The virtual environment was not created successfully because ensurepip is not available.",
    /apt-get install python3-venv/,
  ],
  ["OSError: [Errno 28] No space left on device", /^the disk is full/],
  ["something odd\nERROR: it broke in a new way", /^it broke in a new way$/],
])("%j is explained", (output, expected) => {
  expect(explainFailure(output)).toMatch(expected);
});

test("requirements that read other files are refused with their line", () => {
  expect(() => checkRequirements("numpy==2\n-r other.txt\n", "requirements.txt")).toThrow(
    "requirements.txt, line 2: '-r other.txt' names a file",
  );
  expect(() => checkRequirements("-e .\n", "r.txt")).toThrow("line 1");
  expect(() =>
    checkRequirements("# -r x\n--extra-index-url https://x\nnumpy==2 --hash=sha256:00\n", "r.txt"),
  ).not.toThrow();
});

test("the lock names each file by its hash, unless one has none", () => {
  const item = (name: string, sha256?: string, is_direct = false) => ({
    metadata: { name, version: "1.0" },
    is_direct,
    download_info: { url: `https://x/${name}.whl`, archive_info: sha256 ? { hashes: { sha256 } } : {} },
  });
  expect(lockOf({ install: [item("a", "aa"), item("b", "bb")] }, "--index-url https://x\na\n")).toEqual({
    text: "--index-url https://x\na==1.0 --hash=sha256:aa\nb==1.0 --hash=sha256:bb\n",
    packages: 2,
  });
  expect(lockOf({ install: [item("a", "aa"), item("b", undefined, true)] }, "").text).toBe(
    "a==1.0\nb @ https://x/b.whl\n",
  );
});
