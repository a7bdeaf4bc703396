// All measurements: npm run bench, or npm run bench -- --help.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { resolve } from "node:path";
import type { Limits } from "./limits.ts";
import { Team } from "./measure.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { page } from "./page.ts";
import { findMachine, installPeers, type Machine, ROOT, script, titleOf } from "./peers.ts";
import { disagreements, type Measured, type Results, remarks } from "./results.ts";
import { measureStartUp } from "./startup.ts";
import { asText, limitsTable, startUpTable, type Table, timesTable } from "./table.ts";

/** The better of two runs of the limits, before and after: both can only be disturbed downwards. */
const better = (a: Limits, b: Limits): Limits => ({
  flops: Math.max(a.flops, b.flops),
  fusedFlops: a.fusedFlops === null ? null : Math.max(a.fusedFlops, b.fusedFlops ?? 0),
  bandwidth: Math.max(a.bandwidth, b.bandwidth),
});

function measureLimits(machine: Machine): Limits {
  const { file, args, cwd } = script(machine, "limits.ts");
  const { stdout, stderr } = spawnSync(file, args, { cwd, encoding: "utf8" });
  if (!stdout.startsWith("{")) throw new Error(`limits.ts: ${stderr}`);
  return JSON.parse(stdout) as Limits;
}

async function measure(options: Options): Promise<Results> {
  if (options.peers.some((name) => name === "tfjs" || name === "jax")) installPeers();
  const machine = findMachine(options.node, options.core);
  const before = measureLimits(machine);
  const team = new Team(machine);
  const measured: Measured[] = [];
  try {
    for (const workload of options.workloads) {
      console.log(`${workload.name}: ${workload.title}`);
      measured.push({ workload, outcomes: await team.measure(workload, options) });
    }
  } finally {
    team.stop();
  }
  const named = options.peers.map((name) => [name, titleOf(name)] as const);
  const startUps = options.startUp ? measureStartUp(machine, named, options.rounds) : [];
  return {
    peers: options.peers,
    measured,
    startUps,
    limits: better(before, measureLimits(machine)),
    environment: {
      Date: new Date().toISOString().slice(0, 10),
      Processor: `${cpus()[0]?.model.trim() ?? "unknown"}, ${machine.pin.length === 0 ? "not kept on one core" : "everything on one core"}`,
      Node: machine.version,
      Rounds: `${options.rounds}, of ${options.seconds * 1000} ms or more; fewer, but two at least, for a peer that spent ${options.budget} s on them`,
      Adjoint: machine.conditions.length === 0 ? "built, as it is published" : "its sources, through tsx",
      ...team.versions,
    },
  };
}

function print(results: Results): void {
  const sections: string[] = [];
  const show = (table: Table) => sections.push(asText(table));
  if (results.measured.length > 0) {
    show(timesTable(results, "best"));
    show(limitsTable(results));
  }
  if (results.startUps.length > 0) show(startUpTable(results));
  sections.push(
    Object.entries(results.environment)
      .map(([what, value]) => `${what}: ${value}`)
      .join("; "),
  );
  const said = remarks(results);
  if (said.length > 0) sections.push(said.join("\n"));
  const wrong = disagreements(results);
  sections.push(
    wrong.length === 0 ? "All agree on loss and gradients." : `!!! DISAGREEMENT !!!\n${wrong.join("\n")}`,
  );
  console.log(`\n${sections.join("\n\n")}`);
}

const args = process.argv.slice(2);

/** The options; a wrong one is answered with what there is, not with a stack. */
function asked(): Options | null {
  try {
    return readOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
    return null;
  }
}

const options = asked();
if (options === null) console.log(HELP);
else {
  const results = await measure(options);
  print(results);
  if (options.write !== undefined) {
    writeFileSync(resolve(ROOT, options.write), page(results, ["npm run bench --", ...args].join(" ")));
    console.log(`\nWritten: ${options.write}`);
  }
  if (disagreements(results).length > 0) process.exitCode = 1;
}
