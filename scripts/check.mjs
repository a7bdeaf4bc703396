// What `npm test` runs: the tests, and beside them what package.json calls check:…, of which each prints when it ends what it
// has to say. With --static, only the latter, two at a time. Fails where one has failed, after all of them.
//
// The tests keep two cores busy nearly always: a worker starts, or waits for a browser. The checks take what is left, one
// after another at the lowest priority, and so cost little more time than the tests alone.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants, setPriority } from "node:os";

const { scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const waiting = Object.keys(scripts).filter((name) => name.startsWith("check:"));

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

if (process.argv.includes("--static")) await Promise.all([checkAll(), checkAll()]);
else {
  const tests = run("vitest run", "inherit");
  // What is started from here on inherits it.
  setPriority(constants.priority.PRIORITY_LOW);
  await Promise.all([tests, checkAll()]);
}
