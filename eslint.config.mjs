import { builtinModules } from "node:module";
import next from "@next/eslint-plugin-next";
import { defineConfig } from "eslint/config";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

// ESLint holds the rules, Biome only formats, dependency-cruiser guards the rooms (dependency-cruiser.cjs).
// There is no `eslint-disable` in the tree: a rule that only nags is tuned here, with its reason.

const tests = ["**/*.test.ts", "**/*.test.tsx", "**/testing/**", "e2e/**"];
const typed = ["**/*.ts", "**/*.tsx"];

const noEnum = {
  selector: "TSEnumDeclaration",
  message: "Node runs this file by stripping types; write a literal union or a const object instead.",
};
const oneEnvironment = [
  // NODE_ENV is no setting but a constant of the build, which Next writes into the code.
  ':not(MemberExpression[property.name="NODE_ENV"]) > MemberExpression[object.name="process"][property.name="env"]',
  'MemberExpression[object.name="process"][property.value="env"]',
  'VariableDeclarator[init.name="process"] Property[key.name="env"]',
  'ImportDeclaration[source.value="node:process"] ImportSpecifier[imported.name="env"]',
].map((selector) => ({ selector, message: "Settings are parsed once: read env() of server/platform/env.ts." }));

const method = "/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/";
const wrappedHandlers = [
  `ExportNamedDeclaration > FunctionDeclaration[id.name=${method}]`,
  `ExportNamedDeclaration VariableDeclarator[id.name=${method}][init.type=/Function/]`,
  `ExportNamedDeclaration VariableDeclarator[id.name=${method}][init.type="CallExpression"]:not([init.callee.name=/^(route|handle)$/])`,
].map((selector) => ({
  selector,
  message:
    "A handler is made by route() or handle() of server/http: session, Origin, errors and request id come with them.",
}));

export default defineConfig(
  {
    ignores: [
      ".data/",
      ".next/",
      "examples/",
      "next-env.d.ts",
      "playwright-report/",
      "prisma/migrations/",
      "public/",
      "server/platform/prisma/",
      "test-results/",
    ],
  },
  {
    linterOptions: { reportUnusedDisableDirectives: "error", noInlineConfig: true },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-lines": ["error", { max: 400, skipBlankLines: false, skipComments: false }],
      "no-restricted-exports": [
        "error",
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      "no-restricted-imports": [
        "error",
        {
          paths: [
            ...builtinModules
              .filter((name) => !name.startsWith("_") && !name.startsWith("node:"))
              .map((name) => ({ name, message: `Write "node:${name}".` })),
            { name: "zod/v3", message: 'One zod: import from "zod".' },
          ],
          patterns: [
            { group: ["@/*"], message: "Node cannot resolve @/; write #server/…, #components/…, #worker/…" },
            { group: ["../../../*"], message: "Name the room: #server/…, #components/…, #worker/…" },
          ],
        },
      ],
      "no-restricted-syntax": ["error", noEnum, ...oneEnvironment],
      "no-self-compare": "error",
      "no-template-curly-in-string": "error",
      "no-unmodified-loop-condition": "error",
      "object-shorthand": "error",
      "prefer-object-has-own": "error",
    },
  },

  // TypeScript, with types
  {
    files: typed,
    extends: [ts.configs.strictTypeChecked],
    // Not projectService: it updates the program for every file and took 22 s where one program takes 13 s.
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-exports": "error",
      // `typeof import("…")` stays allowed: it names a package that is loaded only when needed.
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
      ],
      "@typescript-eslint/no-shadow": ["error", { allow: ["_"] }],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "none", ignoreRestSiblings: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],

      // `onClick={() => setOpen(true)}` is how React handlers are written; the value goes nowhere in either form.
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // An async handler in JSX would only gain a `void` that hides the same promise; the browser reports the rejection.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      // An entry of a record that is keyed at run time has to go somehow.
      "@typescript-eslint/no-dynamic-delete": "off",
      // `while (true)` is a worker's loop, not a mistake.
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      // A default that is written out says what is meant.
      "@typescript-eslint/no-unnecessary-type-arguments": "off",
      // `sql<Row>(…)` and `api<Answer>(…)`: the caller states the shape of data that no compiler can see.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // Use cases, plugins and job handlers are async by contract, whether or not this one waits for something.
      "@typescript-eslint/require-await": "off",
      // A number in a sentence needs no String().
      "@typescript-eslint/restrict-plus-operands": ["error", { allowNumberAndString: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  { files: ["**/*.mjs", "**/*.cjs"], extends: [ts.configs.base], languageOptions: { sourceType: "module" } },

  // Browser code
  {
    files: ["app/**/*.{ts,tsx}", "components/**/*.{ts,tsx}"],
    plugins: { "@next/next": next, "react-hooks": hooks },
    rules: {
      ...next.configs.recommended.rules,
      ...next.configs["core-web-vitals"].rules,
      ...hooks.configs.flat["recommended-latest"].rules,
      "react-hooks/exhaustive-deps": "error",
      "react-hooks/unsupported-syntax": "error",
      // Pictures are artifacts behind the session; Next's optimiser would fetch them without it.
      "@next/next/no-img-element": "off",
      // Both speak of the React compiler, which is not in use: TanStack Table and Virtual work as they are.
      "react-hooks/incompatible-library": "off",
      "react-hooks/preserve-manual-memoization": "off",
    },
  },

  // A route is a table, a page loads and hands on
  {
    files: ["app/**/route.ts"],
    rules: { "no-restricted-syntax": ["error", noEnum, ...oneEnvironment, ...wrappedHandlers] },
  },
  {
    files: ["app/**/page.tsx"],
    rules: { "max-lines": ["error", { max: 60, skipBlankLines: true, skipComments: true }] },
  },

  // The logger writes JSON with the request id; a stray console line has neither. In the browser nobody reads it.
  { files: ["app/**", "components/**", "server/**", "worker/**"], ignores: tests, rules: { "no-console": "error" } },

  // Next loads these by their default export
  {
    files: [
      "app/**/{page,layout,template,loading,error,not-found,global-error,default,icon,apple-icon,opengraph-image,robots,sitemap,manifest}.{ts,tsx}",
      "*.config.{ts,mjs}",
    ],
    rules: { "no-restricted-exports": "off" },
  },

  // Who may read the environment itself: its one parser, and what starts processes before there are settings
  {
    files: [
      "server/platform/env.ts",
      "server/platform/testing/**",
      "bin/**",
      "e2e/**",
      "bench/**",
      "*.config.{ts,mjs}",
    ],
    rules: { "no-restricted-syntax": ["error", noEnum] },
  },

  // Tests: a wrong assumption about an answer's shape fails the test itself, so the proof of it would be written twice
  {
    files: tests,
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
);
