// Runs an experiment of packages/examples and writes reports/NAME.html, or any script and writes its report beside it:
// npm run experiment xor, npm run experiment xor -- --watch, npm run experiment my-own.ts

import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name, ...rest] = process.argv.slice(2);
const names = readdirSync(`${root}packages/examples/src`)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
  .map((file) => file.slice(0, -3));

// npm starts this in the project's root; INIT_CWD is where the person is.
const file = name?.endsWith("ts") ? resolve(process.env.INIT_CWD ?? root, name) : undefined;
const isExperiment = name !== undefined && names.includes(name);
if (!isExperiment && (file === undefined || !existsSync(file))) {
  const what =
    name === undefined
      ? "name an experiment, or a script of your own"
      : `there is no ${file === undefined ? "experiment" : "script"} ${name}`;
  console.error(`${what}; the experiments are ${names.join(", ")}`);
  process.exit(2);
}
const script = isExperiment ? `${root}packages/examples/src/${name}.ts` : file;
const place =
  !isExperiment || rest.includes("--watch") || rest.includes("--out")
    ? []
    : ["--out", `${root}reports/${name}.html`];
const at = rest.indexOf("--");
const [own, behind] = at < 0 ? [rest, []] : [rest.slice(0, at), rest.slice(at)];
const child = spawn(
  process.execPath,
  [
    "--conditions=@adjoint/source",
    "--import",
    "tsx",
    `${root}packages/notebook/src/cli/start.ts`,
    "run",
    script,
    ...place,
    ...own,
    ...behind,
  ],
  { stdio: "inherit", cwd: root },
);
// Ctrl-C is the command's to answer.
process.on("SIGINT", () => {});
child.on("close", (code) => {
  process.exitCode = code ?? 1;
});
