// The runner as a process: bundles written into a folder, its arguments, and what it prints.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "@adjoint/autograd";
import { toSafetensors } from "@adjoint/nn";
import { python } from "../peers.ts";

const script: string = join(import.meta.dirname, "../../../packages/interop/python/adjoint_xla.py");

/** Files in a folder of their own, by name. */
export function written(files: Readonly<Record<string, string | Uint8Array>>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-xla-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return (name) => join(folder, name);
}

export const batchFile = (arrays: Readonly<Record<string, Tensor>>): Uint8Array => toSafetensors(arrays);

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs Python to its end. */
export function ranPython(args: readonly string[]): Ran {
  const { status, stdout, stderr } = spawnSync(python.path, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  return { status, out: stdout, error: stderr };
}

/** Runs the runner to its end. */
export const runs = (args: readonly string[]): Ran => ranPython([script, ...args]);

/** Runs the runner until it has printed a text, and ends it at once, wherever it is. */
export async function endedAt(text: string, args: readonly string[]): Promise<string> {
  const child = spawn(python.path, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    out += part;
    if (out.includes(text)) child.kill("SIGKILL");
  });
  await once(child, "close");
  return out;
}

/** The losses that the runner printed, by their steps. */
export const lossesIn = (out: string): ReadonlyMap<number, number> =>
  new Map(
    [...out.matchAll(/^step (\d+) result (\S+)$/gm)].map(([, step, loss]) => [Number(step), Number(loss)]),
  );

export interface Trained {
  readonly losses: readonly number[];
  readonly weights: Uint8Array;
  readonly hlo: string;
}

/** Trains a bundle to its end. Throws with what the runner says where it fails. */
export function trained(
  files: Readonly<Record<string, string | Uint8Array>>,
  steps: number,
  more: readonly string[] = [],
): Trained {
  const at = written(files);
  const { status, out, error } = runs([
    "train",
    at("program.mlir"),
    ...["--data", at("batches.safetensors"), "--steps", `${steps}`, "--out", at("out.safetensors")],
    ...["--hlo", at("hlo.txt")],
    ...more,
  ]);
  if (status !== 0) throw new Error(`the runner ended with ${status}: ${error.slice(-3000)}`);
  return {
    losses: [...lossesIn(out).values()],
    weights: new Uint8Array(readFileSync(at("out.safetensors"))),
    hlo: readFileSync(at("hlo.txt"), "utf8"),
  };
}
