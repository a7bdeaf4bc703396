// Runs what package.json calls check:…, two at a time, since each keeps about one core busy, and prints what each has to
// say when it ends. Fails where one has failed, after all of them.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const { scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const waiting = Object.keys(scripts).filter((name) => name.startsWith("check:"));

const run = (command) =>
  new Promise((resolve) => {
    const child = spawn(command, { shell: true });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => said.push(part));
    child.on("close", (code) => resolve({ code, text: Buffer.concat(said).toString().trim() }));
  });

async function work() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { code, text } = await run(scripts[name]);
    console.log([`${name}${code === 0 ? "" : " failed"}: ${scripts[name]}`, text].filter(Boolean).join("\n"));
    if (code !== 0) process.exitCode = 1;
  }
}
await Promise.all([work(), work()]);
