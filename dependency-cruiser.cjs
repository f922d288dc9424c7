// The map of the house. One table says which domain may know which; the rules below are read from it.
// Every rule was seen to fail once on a wrong import made for it. There is no baseline: zero violations, always.

/** Lowest first. A domain imports from lower layers only, and not from its own layer. */
const layers = [
  ["identity"],
  ["projects"],
  ["inbox"],
  ["code", "data", "tracking"],
  ["registry"],
  ["governance"],
  ["serving", "pipelines"],
  ["monitoring"],
  ["overview", "retention"],
];
/** A protocol adapts the doors of a few domains to what foreign clients speak. */
const protocols = {
  git: ["identity", "projects", "code"],
  mlflow: ["identity", "projects", "tracking", "registry"],
  oip: ["identity", "projects", "serving"],
};

const domains = layers.flat();
const inside = (...names) => `^server/(${names.join("|")})/`;
const rooms = `${inside(...domains)}|^server/protocols/[^/]+/`;
const door = "/(index|contract)\\.ts$";
/** A large contract is written in parts, `<topic>-contract.ts`, which contract.ts hands on; outsiders see contract.ts alone. */
const contractParts = "[a-z-]*contract";
const tests = "\\.test\\.tsx?$";
/** What tests share: one folder of the platform for all rooms, and a room's own beside it. */
const harness = "^server/platform/testing/";
const testing = "/testing/";
const packages = (...names) => `node_modules/(${names.join("|")})(/|$)`;

const error = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

const noUpward = layers.flatMap((layer, height) =>
  layer.map((domain) =>
    error(
      `no-upward-from-${domain}`,
      "A domain knows the layers below it. To reach up, enqueue a job or emit a domain event.",
      { path: inside(domain) },
      {
        path: `${inside(...domains.filter((d) => d !== domain && layers.findIndex((l) => l.includes(d)) >= height), "-")}|^server/protocols/`,
      },
    ),
  ),
);

const protocolsKeepToTheirs = Object.entries(protocols).map(([name, known]) =>
  error(
    `protocol-${name}-adapts-its-own`,
    "A protocol adapts these domains only, and knows no other protocol.",
    { path: `^server/protocols/${name}/` },
    { path: [inside(...domains.filter((d) => !known.includes(d))), `^server/protocols/(?!${name}/)`] },
  ),
);

module.exports = {
  forbidden: [
    ...noUpward,
    ...protocolsKeepToTheirs,

    error(
      "no-cycles",
      "Two files that need each other are one file, or miss a third. Types may go in circles, and so may a job whose handler enqueues it again.",
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ["type-only", "dynamic-import"] } },
    ),
    error("resolves", "Every import resolves.", {}, { couldNotResolve: true }),
    error(
      "rooms-by-name",
      "Across rooms: #server/…, #worker/…, #components/…. Inside a room: a relative path.",
      { path: "^(server/(?:protocols/)?[^/]+|components/[^/]+|worker|bin|prisma|app)/" },
      {
        path: "^(server|components|worker|bin|prisma)/",
        pathNot: "^$1/",
        dependencyTypesNot: ["aliased-subpath-import"],
      },
    ),

    // Doors
    error(
      "domain-by-its-door",
      "Another domain is reached by its index.ts or contract.ts.",
      { path: "^(server/(?:protocols/)?[^/]+)/" },
      { path: rooms, pathNot: ["^$1/", door] },
    ),
    error(
      "outsiders-use-the-door",
      "Pages, worker, commands and seed reach a domain or protocol by its index.ts or contract.ts.",
      { pathNot: "^server/" },
      { path: rooms, pathNot: door },
    ),
    error(
      "door-opens-its-own-room",
      "index.ts exports its own room's use cases; what is elsewhere is imported from there.",
      { path: "^(server/(?:protocols/)?[^/]+)/index\\.ts$" },
      { pathNot: "^$1/" },
    ),
    error(
      "contracts-are-pure",
      "A contract runs in the browser: zod, kernel and other contracts only (not even node: modules).",
      { path: `^server/((protocols/)?[^/]+/${contractParts}|registry/signature)\\.ts$` },
      { pathNot: [`^server/([^/]+/${contractParts}|registry/signature)\\.ts$`, "^server/kernel/", packages("zod")] },
    ),
    error(
      "jobs-are-light",
      "Whoever enqueues a job must not load its handler: jobs.ts loads it by import().",
      { path: "^(server/(?!platform/)[^/]+)/jobs\\.ts$" },
      { path: "^$1/", pathNot: `/${contractParts}\\.ts$`, dynamic: false },
    ),

    // Foundations
    error(
      "kernel-is-pure",
      "The kernel computes; it reads nothing and writes nothing, in the browser too.",
      { path: "^server/kernel/", pathNot: tests },
      { pathNot: ["^server/kernel/", packages("zod", "@stdlib/[^/]+")] },
    ),
    error(
      "platform-knows-no-domain",
      "Platform is what every domain stands on. Only the test harness builds people and projects through doors.",
      { path: "^server/platform/", pathNot: harness },
      { path: [rooms, "^server/http/", "^(worker|bin)/"] },
    ),
    error(
      "drivers-behind-platform",
      "One pool, one queue, one client: db.ts and jobs.ts of server/platform hand them out.",
      { path: "^(app|components|worker|server/(?!platform/))", pathNot: [tests, testing] },
      { path: packages("pg", "pg-boss", "pg-copy-streams", "@prisma"), dependencyTypesNot: ["type-only"] },
    ),
    error(
      "models-run-in-the-worker",
      "A native model runtime in the app would take its memory and its event loop; handlers are handed one.",
      { pathNot: "^(worker|bench)/" },
      { path: packages("onnxruntime-node") },
    ),
    error(
      "http-is-for-app-only",
      "Route wrapper and page session belong to the app and to Next's own root files.",
      { pathNot: ["^app/", "^server/http/", "^(proxy|app-server)\\.ts$"] },
      { path: "^server/http/" },
    ),
    error(
      "no-framework-behind-http",
      "Only server/http knows Next; the worker and the commands load everything else without it.",
      { path: "^(server|worker|bin|prisma)/", pathNot: ["^server/http/", "^bin/check"] },
      { path: packages("next", "next-auth", "react", "react-dom", "@tanstack") },
    ),
    error(
      "one-link",
      "components/ui/link.tsx reads ahead only for who means it; Next's own does for every link in view.",
      { path: "^(app|components)/", pathNot: "^components/ui/link\\.tsx$" },
      { path: "node_modules/next/link" },
    ),

    // Entries
    error(
      "app-has-no-plumbing",
      "Pages and routes call use cases: no database, no queue, no file.",
      { path: "^app/" },
      { path: "^(server/platform|prisma|worker|bin)/" },
    ),
    error(
      "nobody-imports-an-entry",
      "Entries start; they are not libraries. The test harness borrows the launcher's Postgres, tests borrow real model runtimes.",
      { path: "^(server|components|prisma)/", pathNot: [harness, tests] },
      { path: "^(app|worker|bin)/" },
    ),
    error(
      "tests-borrow-runtimes-only",
      "A test of a domain may use what the worker would hand to it, and what the worker's own tests share.",
      { path: `^(server|components|prisma)/.*${tests}` },
      { path: "^(app|worker|bin)/", pathNot: ["^worker/runtimes/", testing] },
    ),
    error(
      "worker-has-no-ui",
      "The worker runs without pages.",
      { path: "^worker/" },
      { path: "^(app|components|bin|prisma|server/http)/" },
    ),
    error(
      "runtimes-know-no-domain",
      "A runtime is handed to a handler; it knows the interface from a contract, not who calls it.",
      { path: "^worker/runtimes/", pathNot: [tests, testing] },
      { path: rooms, pathNot: "/contract\\.ts$" },
    ),
    error(
      "runtimes-know-no-caller",
      "Serving and jobs stand on runtimes, never the other way round, in tests as little: what both need lies with the runtime.",
      { path: "^worker/runtimes/" },
      { path: "^worker/(?!runtimes/|isolation/|environments/)" },
    ),
    error(
      "commands-use-doors",
      "A command acts through use cases and platform; the worker is started, not imported in parts.",
      { path: "^bin/" },
      { path: "^(app|components|server/http|worker/(?!main\\.ts$))" },
    ),
    error(
      "seed-uses-doors",
      "What the seed makes, a person could have made: through use cases.",
      { path: "^prisma/" },
      { path: "^(app|components|server/http|worker)/" },
    ),
    error(
      "bench-has-no-ui",
      "Benchmarks measure the server and the worker; a page is measured in the browser.",
      { path: "^bench/" },
      { path: "^(app|components|server/http|prisma)/" },
    ),
    error(
      "e2e-is-a-stranger",
      "A journey knows what its user knows: addresses, words, and the published contracts.",
      { path: "^e2e/" },
      { path: "^(app|components|server|worker|prisma|bin)/", pathNot: "/contract\\.ts$" },
    ),

    // Components
    error(
      "components-see-contracts-only",
      "The browser gets contracts and the kernel, nothing else of the server.",
      { path: "^components/" },
      { path: "^(server|worker|prisma|app|bin)/", pathNot: ["/contract\\.ts$", "^server/kernel/"] },
    ),
    error(
      "components-run-in-a-browser",
      "No Node module in the browser.",
      { path: "^components/", pathNot: [tests, testing] },
      { dependencyTypes: ["core"] },
    ),
    error(
      "ui-knows-no-domain",
      "Primitives serve every domain, so they know none.",
      { path: "^components/ui/" },
      { path: "^(app|server/(?!kernel/)|worker|components/(?!ui/))" },
    ),
    error(
      "components-share-parts",
      "Of another domain's components only parts/ may be used.",
      { path: "^(components/(?!ui/)[^/]+)/" },
      { path: "^components/(?!ui/)[^/]+/", pathNot: ["^$1/", "^components/[^/]+/parts/"] },
    ),

    // Tests
    error("tests-stay-tests", "Nothing imports a test.", { pathNot: tests }, { path: tests }),
    error(
      "testing-is-for-tests",
      "What tests share starts clusters, makes people up and forgets settings; no product code may reach it.",
      { pathNot: [tests, testing, "^bench/", "^vitest\\.config\\.ts$"] },
      { path: testing },
    ),
    error(
      "no-development-package-in-production",
      "`npm ci --omit=dev` must be able to run the product. Types vanish; the schema tools are for developers.",
      {
        path: "^(app|components|server|worker|bin|prisma)/",
        pathNot: [tests, testing, "^bin/(check|migration)", "^server/platform/migrations"],
      },
      { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    ),
  ],
  options: {
    doNotFollow: { path: ["node_modules", "^server/platform/prisma/"] },
    exclude: { path: ["^(examples|public|\\.next|\\.data|test-results)/"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
    cache: { folder: "node_modules/.cache/dependency-cruiser", strategy: "content" },
  },
};
