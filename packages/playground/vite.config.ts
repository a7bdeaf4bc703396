// How the page is built: relative addresses, so that it works under any path of any static server, and no inline code, which
// a strict content security policy forbids.

import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";

const conditions = ["@adjoint/source", "module", "browser", "development|production"];

const config: UserConfig = defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  resolve: { conditions },
  worker: { format: "es" },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    // Everything is small: a polyfill and pictures within the code would be more than they save.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // Not how long plugins took.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  logLevel: "warn",
});
export default config;
