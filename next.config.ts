import type { NextConfig } from "next";

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // `npm test` checks types, tests included; a newcomer's first start must not wait for that or fail by it.
  typescript: { ignoreBuildErrors: true },
  // Native addons and modules that keep process-wide state must be loaded by Node itself, not bundled.
  serverExternalPackages: [
    "onnxruntime-node",
    "@duckdb/node-api",
    "pg",
    "pg-boss",
    "@prisma/adapter-pg",
    "pino",
    "prom-client",
    "protobufjs",
  ],
  // A route builds its handler once, from what it imports; swapping an imported module in place would leave the old handler running.
  experimental: { cpus: 2, turbopackServerFastRefresh: false },
};

export default config;
