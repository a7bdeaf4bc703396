// npm run test:interop: the tests that hold @adjoint/interop against XLA, onnxruntime and the readers of other languages. What
// they need is installed first, once, below .cache/interop: a Python environment with the pinned packages of
// packages/interop/python/requirements.txt and test/interop/requirements.txt, and onnxruntime-node, which is too large to be
// installed for everyone. What can't be had (no Python, no registry) is said, and its tests are skipped. Further arguments go to
// vitest; --install only installs.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const place = join(root, ".cache/interop");
const requirements = ["packages/interop/python/requirements.txt", "test/interop/requirements.txt"];
const onnxruntime = "onnxruntime-node@1.30.0";
// It ships public networks with their weights; what it depends on is not wanted.
const models = "@ricky0123/vad-web@0.0.31";

const run = (command, args, cwd = root) => {
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit" });
  return error === undefined && status === 0;
};

/** Installs unless what was installed last is what is wanted now. */
function ensure(name, wanted, install) {
  const note = join(place, `${name}.txt`);
  if (existsSync(note) && readFileSync(note, "utf8") === wanted) return;
  if (install()) writeFileSync(note, wanted);
  else console.error(`${name} could not be installed; the tests that need it are skipped`);
}

mkdirSync(place, { recursive: true });
ensure("python", requirements.map((path) => readFileSync(join(root, path), "utf8")).join(""), () => {
  const venv = join(place, "venv");
  const python = join(venv, "bin/python");
  return (
    run("python3", ["-m", "venv", "--clear", venv]) &&
    run(python, ["-m", "pip", "install", "--quiet", ...requirements.flatMap((path) => ["-r", path])])
  );
});
ensure("onnxruntime", onnxruntime, () => {
  const folder = join(place, "onnxruntime");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  // Its install script fetches libraries for graphics cards, which nothing here uses.
  return run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", onnxruntime], folder);
});

ensure("models", models, () => {
  const folder = join(place, "models");
  mkdirSync(folder, { recursive: true });
  const file = `${models.slice(1).replaceAll(/[@/]/g, "-")}.tgz`;
  return run("npm", ["pack", "--silent", models], folder) && run("tar", ["-xzf", file], folder);
});

const args = process.argv.slice(2);
if (!args.includes("--install")) {
  process.env.ADJOINT_INTEROP = "1";
  const paths = args.some((arg) => arg.startsWith("test/")) ? [] : ["test/interop"];
  process.exitCode = run("npx", ["vitest", "run", ...paths, ...args]) ? 0 : 1;
}
