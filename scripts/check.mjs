// What `npm test` runs: the tests, and beside them what package.json calls check:…, of which each prints when it ends what it
// has to say. With ADJOINT_ALL=1, as in .ci/run, also what it calls lint:…, and the tests in files named *.browser.test.ts.
// With --static, no tests, and both kinds of checks, two at a time. Fails where one has failed, after all of them.
//
// The tests keep two cores busy nearly always: a worker starts, or waits for a browser. The checks take what is left, one
// after another at the lowest priority.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants, setPriority } from "node:os";

const { scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const isStatic = process.argv.includes("--static");
const kinds = isStatic || process.env.ADJOINT_ALL === "1" ? /^(check|lint):/ : /^check:/;
const waiting = Object.keys(scripts).filter((name) => kinds.test(name));

/** Runs a command, and fails with it. */
async function run(command, stdio, said = []) {
  const child = spawn(command, { shell: true, stdio });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part) => said.push(part));
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) process.exitCode = 1;
  return { code, text: Buffer.concat(said).toString().trim() };
}

async function checkAll() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { code, text } = await run(scripts[name], "pipe");
    console.log([`${name}${code === 0 ? "" : " failed"}: ${scripts[name]}`, text].filter(Boolean).join("\n"));
  }
}

if (isStatic) await Promise.all([checkAll(), checkAll()]);
else {
  const tests = run("vitest run", "inherit");
  // What is started from here on inherits it.
  setPriority(constants.priority.PRIORITY_LOW);
  await Promise.all([tests, checkAll()]);
}
