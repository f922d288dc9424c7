import type { NextConfig } from "next";

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // Native addons and modules that keep process-wide state must be loaded by Node itself, not bundled.
  serverExternalPackages: ["onnxruntime-node", "@duckdb/node-api", "pg", "pg-boss", "@prisma/adapter-pg", "pino", "prom-client", "protobufjs"],
  experimental: { cpus: 2 },
};

export default config;
