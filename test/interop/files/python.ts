// Files as the readers of NumPy and of safetensors read them, all in one process.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { python } from "../peers.ts";
import type { Expected } from "./numpy.ts";

export type Format = "npy" | "npz" | "safetensors";

/** What an array is for Python; its elements are null where NumPy has no such type. */
export type Told = Omit<Expected, "elements"> & { readonly elements: string | null };

const script = join(import.meta.dirname, "read-files.py");

/** What Python reads of each file, or why it refuses it. */
export function readByPython(
  files: readonly (readonly [Format, Uint8Array])[],
): (readonly Told[] | string)[] {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-files-"));
  try {
    const [all, lengths] = [join(folder, "files"), join(folder, "lengths.json")];
    writeFileSync(all, Buffer.concat(files.map(([, file]) => file)));
    writeFileSync(lengths, JSON.stringify(files.map(([format, file]) => [format, file.length])));
    const lines = execFileSync(python.path, [script, all, lengths], { encoding: "utf8", maxBuffer: 2 ** 30 });
    return lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as readonly Told[] | string);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a script of Python prints. */
export function printed(code: string, ...args: readonly string[]): string {
  return execFileSync(python.path, ["-c", code, ...args], { encoding: "utf8", maxBuffer: 2 ** 28 });
}

/** What a script of this folder prints. */
export function printedBy(path: string, ...args: readonly string[]): string {
  return execFileSync(python.path, [join(import.meta.dirname, path), ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    // Its warnings are of no interest here.
    stdio: ["ignore", "pipe", "ignore"],
  });
}
