// Files that NumPy wrote, with what tensors are to have of them: see data/numpy-files.py.

import { readFileSync } from "node:fs";
import type { Tensor } from "@adjoint/autograd";

export interface Expected {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Their bytes, in base 64. */
  readonly elements: string;
}

export interface Case {
  readonly what: string;
  readonly file: string;
  readonly arrays: readonly Expected[];
  /** Whether the file is as tensors are written. */
  readonly isPlain?: boolean;
}

export interface Cases {
  readonly numpy: string;
  readonly npy: readonly Case[];
  readonly npz: readonly Case[];
}

const path = new URL("data/numpy-files.json", import.meta.url);
export const kept: Cases = JSON.parse(readFileSync(path, "utf8")) as Cases;

export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(base64, "base64"));

/** A tensor as what is expected of one. */
export function seen(name: string, { dtype, shape, data }: Tensor): Expected {
  const { buffer, byteOffset, byteLength } = data;
  return {
    ...{ name, dtype, shape },
    elements: Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("base64"),
  };
}

export const seenIn = (tensors: Readonly<Record<string, Tensor>>): Expected[] =>
  Object.entries(tensors).map(([name, each]) => seen(name, each));
