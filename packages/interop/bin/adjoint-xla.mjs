#!/usr/bin/env node
import { existsSync } from "node:fs";

const start = new URL("../dist/cli/start.js", import.meta.url);
if (existsSync(start)) await import(start.href);
else {
  // Only a checkout can lack what is built.
  console.error("adjoint-xla: this checkout is not built; npm run build builds the command");
  process.exitCode = 2;
}
