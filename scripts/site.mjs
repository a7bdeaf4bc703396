// Builds the site of the documentation into docs/dist: npm run site. With -- --dev it is served instead, and changes while
// pages are written. What the pages need lies in docs/, with its own packages, which are installed here.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, watch } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { elsewhere } from "../docs/.vitepress/pages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const docs = `${root}docs/`;
const isDevelopment = process.argv.includes("--dev");

function runIn(folder, command, ...args) {
  const { status } = spawnSync(command, args, { cwd: folder, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
const run = (command, ...args) => runIn(docs, command, ...args);

/** A file of the checkout that is a page, put where VitePress looks. */
function copy(file) {
  mkdirSync(dirname(`${docs}copied/${file}`), { recursive: true });
  cpSync(root + file, `${docs}copied/${file}`);
}

// The root's packages have types that the reference shows.
for (const folder of [root, docs])
  runIn(folder, "npx", "--yes", "pnpm@12.21.0", "install", "--frozen-lockfile", "--prefer-offline");
for (const made of ["copied", "api", ...(isDevelopment ? [] : ["dist"])])
  rmSync(docs + made, { recursive: true, force: true });
for (const file of Object.keys(elsewhere)) copy(file);
run("node_modules/.bin/typedoc", "--options", ".vitepress/api/typedoc.config.mjs");

if (isDevelopment) {
  for (const file of Object.keys(elsewhere)) watch(root + file, () => copy(file));
  run("node_modules/.bin/vitepress", "dev", ".");
} else {
  run("node_modules/.bin/vitepress", "build", ".");
  const playground = `${root}packages/playground/dist`;
  if (existsSync(playground)) cpSync(playground, `${docs}dist/playground`, { recursive: true });
  run(process.execPath, ".vitepress/after/sources.mjs");
  run(process.execPath, ".vitepress/after/llms.mjs");
  run(process.execPath, ".vitepress/after/check-names.mjs");
  run(process.execPath, ".vitepress/after/check-links.mjs");
}
