// The command's options.

import { parseArgs } from "node:util";
import { PEERS, type PeerName } from "./peers.ts";
import { WORKLOADS, type Workload } from "./workloads.ts";

export interface Options {
  readonly workloads: readonly Workload[];
  readonly startUp: boolean;
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  /** Seconds each round should take at least, a peer. */
  readonly seconds: number;
  readonly warmUp: number;
  /** Seconds of rounds after which a slow peer is not asked again. */
  readonly budget: number;
  readonly core: string | undefined;
  readonly node: string | undefined;
  readonly write: string | undefined;
}

export const HELP = `npm run bench -- [options]
  --only M1,E1          workloads, by name or by the part before the dash (S1 X1 M1 M2 G1 E1 K1 H1 C1, T0 start-up)
  --peers adjoint,tfjs  ${PEERS.map(({ name }) => name).join(", ")}; adjoint is both of compiled and eager
  --rounds 15           rounds, in which all peers take turns
  --seconds 0.05        what a round takes at least
  --warm-up 0.3         seconds before the first round, at least
  --budget 15           seconds of rounds after which a peer is left out of further ones
  --core 1              the core that everything runs on, where taskset is found; the last by default
  --node 24             the major version of Node the measured processes run on; by default this one
  --write docs/benchmarks.md`;

/** The options, or null where help was asked for. Throws for what is not known. */
export function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      peers: { type: "string" },
      rounds: { type: "string", default: "15" },
      seconds: { type: "string", default: "0.05" },
      "warm-up": { type: "string", default: "0.3" },
      budget: { type: "string", default: "15" },
      core: { type: "string" },
      node: { type: "string" },
      write: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return null;
  const only = values.only?.split(",");
  const chosen = (name: string) => only?.some((each) => each === name || name.startsWith(`${each}-`)) ?? true;
  const workloads = WORKLOADS.filter(({ name }) => chosen(name));
  const missing = only?.find(
    (each) => each !== "T0" && !WORKLOADS.some(({ name }) => name.split("-").includes(each) || name === each),
  );
  if (missing !== undefined) throw new Error(`--only: ${missing} is no workload`);
  return {
    workloads,
    startUp: chosen("T0"),
    peers: choosePeers(values.peers),
    rounds: positive("rounds", values.rounds),
    seconds: positive("seconds", values.seconds),
    warmUp: positive("warm-up", values["warm-up"]),
    budget: positive("budget", values.budget),
    core: values.core,
    node: values.node,
    write: values.write,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name}: ${text} is not a number above 0`);
  return value;
}

function choosePeers(text: string | undefined): readonly PeerName[] {
  const all = PEERS.map(({ name }) => name);
  if (text === undefined) return all;
  const asked = text.split(",").flatMap((name) => (name === "adjoint" ? ["compiled", "eager"] : [name]));
  const unknown = asked.find((name) => !all.some((each) => each === name));
  if (unknown !== undefined) throw new Error(`--peers: ${unknown} is not among adjoint, ${all.join(", ")}`);
  return all.filter((name) => asked.includes(name));
}
