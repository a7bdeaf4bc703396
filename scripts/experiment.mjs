// Runs an experiment of packages/examples and writes reports/NAME.html: npm run experiment xor, npm run experiment xor -- --watch

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name, ...rest] = process.argv.slice(2);
const names = readdirSync(`${root}packages/examples/src`)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
  .map((file) => file.slice(0, -3));

if (name === undefined || !names.includes(name)) {
  console.error(
    `${name === undefined ? "name an experiment" : `there is no experiment ${name}`}; there are ${names.join(", ")}`,
  );
  process.exit(2);
}
const place =
  rest.includes("--watch") || rest.includes("--out") ? [] : ["--out", `${root}reports/${name}.html`];
const script = `${root}packages/examples/src/${name}.ts`;
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
