// Who is measured, and how their processes are started.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));
export const PEERS_FOLDER: string = fileURLToPath(new URL("./peers/", import.meta.url));

export const PEERS = [
  { name: "compiled", title: "Adjoint compiled", runs: "compiled" },
  { name: "eager", title: "Adjoint eager", runs: "eager" },
  { name: "tfjs", title: "TensorFlow.js wasm", runs: "tfjs" },
  { name: "jax", title: "jax-js jit wasm", runs: "jax" },
  { name: "closures", title: "closures", runs: "closures" },
  { name: "torch", title: "PyTorch CPU", runs: "pytorch.py" },
  { name: "numpy", title: "NumPy by hand", runs: "plain_numpy.py" },
] as const;

export type PeerName = (typeof PEERS)[number]["name"];

export const titleOf = (name: PeerName): string => PEERS.find((each) => each.name === name)!.title;

/** What starts a process, and what it is started with. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

export interface Machine {
  /** The node that measured processes run on, and its version. */
  readonly node: string;
  readonly version: string;
  /** Conditions under which Adjoint is found: none for what was built, its sources otherwise. */
  readonly conditions: readonly string[];
  /** Words before a command that keep it on one core. */
  readonly pin: readonly string[];
}

const output = (file: string, args: readonly string[]) => {
  const { status, stdout } = spawnSync(file, args, { cwd: ROOT, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
};

export function findMachine(major: string | undefined, core: string | undefined): Machine {
  const path = ["-p", "process.execPath"];
  const node = major === undefined ? process.execPath : output("npx", ["--yes", `node@${major}`, ...path]);
  if (node === undefined) throw new Error(`--node: npx could not get node@${major}`);
  const cpu = core ?? String(availableParallelism() - 1);
  const pinned = output("taskset", ["-c", cpu, "true"]) !== undefined;
  return {
    node,
    version: output(node, ["-p", "process.version"]) ?? "?",
    conditions: build() ? [] : ["--conditions=@adjoint/source"],
    pin: pinned ? ["taskset", "-c", cpu] : [],
  };
}

/** Users run what `npm run build` makes of the sources, and so do the measurements. */
function build(): boolean {
  const { status } = spawnSync("npm", ["run", "build", "--silent"], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) console.log("The packages don't build: their sources are measured, through tsx.");
  return status === 0;
}

function pinned({ pin }: Machine, words: readonly string[], cwd: string): Command {
  const [file, ...args] = [...pin, ...words];
  return { file: file!, args, cwd };
}

/** A script of bench/ in a process of its own. */
export function script(machine: Machine, file: string, ...args: string[]): Command {
  const flags = ["--expose-gc", ...machine.conditions, "--import", "tsx"];
  return pinned(machine, [machine.node, ...flags, `bench/${file}`, ...args], ROOT);
}

/** Code as if from a file beside the peers' packages, on plain node. */
export function snippet(machine: Machine, code: string): Command {
  return pinned(machine, [machine.node, "--input-type=module", "--eval", code], PEERS_FOLDER);
}

export function peerCommand(machine: Machine, name: PeerName): Command {
  const { runs } = PEERS.find((each) => each.name === name)!;
  if (!runs.endsWith(".py")) return script(machine, "child.ts", runs);
  // Debian's packages belong to Debian's interpreter, which need not be the first on the path.
  const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  return pinned(machine, [python, "-B", runs], PEERS_FOLDER);
}

/** Whether bench/peers/node_modules holds the versions that are pinned. */
function areInstalled(): boolean {
  const read = (path: string) =>
    JSON.parse(readFileSync(`${PEERS_FOLDER}${path}package.json`, "utf8")) as unknown;
  const { dependencies } = read("") as { dependencies: Record<string, string> };
  return Object.entries(dependencies).every(([name, version]) => {
    try {
      return (read(`node_modules/${name}/`) as { version: string }).version === version;
    } catch {
      return false;
    }
  });
}

/** Packages of the peers, installed once, beside nobody else's. */
export function installPeers(): void {
  if (areInstalled()) return;
  console.log("Installing the peers' packages in bench/peers (once, about 300 MB) …");
  const { status } = spawnSync(
    "npm",
    ["install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: PEERS_FOLDER,
      stdio: "inherit",
    },
  );
  if (status !== 0) console.log("npm failed: TensorFlow.js and jax-js will be missing.");
}
