// Damaged files are refused with an error that says where, or they are valid and mean what another reader finds in them.

import { isDeepStrictEqual } from "node:util";
import { arange, tensor, zeros } from "@adjoint/autograd";
import { readNpy, readNpz, writeNpz } from "@adjoint/interop";
import { FileError, fromSafetensors, toSafetensors } from "@adjoint/nn";
import { expect, test } from "vitest";
import { damaged as damagedSafetensors, dice } from "../../nn/files/damage.ts";
import { python } from "../peers.ts";
import { damagedNpy, damagedNpz } from "./damage.ts";
import { bytesOf, type Expected, kept, seen, seenIn } from "./numpy.ts";
import { type Format, readByPython } from "./python.ts";

const arrays = kept.npy.map(({ file }) => bytesOf(file));
const archives = [
  ...kept.npz.map(({ file }) => bytesOf(file)),
  writeNpz(
    { a: arange(6).reshape([2, 3]), b: zeros([0, 2]), mask: tensor([true, false]) },
    { compressed: true },
  ),
];
const weights = toSafetensors(
  {
    "0.weight": tensor([[1.5, -2, 0.25]]),
    steps: tensor(7, { dtype: "int32" }),
    mask: tensor([true, false, true]),
    double: tensor([Math.PI], { dtype: "float64" }),
  },
  { metadata: { note: "a text" } },
);

const formats: Readonly<
  Record<
    Format,
    { draw: (draw: (n: number) => number) => Uint8Array; read: (file: Uint8Array) => Expected[] }
  >
> = {
  npy: {
    draw: (draw) => damagedNpy(arrays, draw),
    read: (file) => [seen("", readNpy(file))],
  },
  npz: {
    draw: (draw) => damagedNpz(archives, arrays, draw),
    read: (file) => seenIn(readNpz(file)),
  },
  safetensors: {
    draw: (draw) => damagedSafetensors(weights, draw),
    read: (file) => seenIn(fromSafetensors(file).tensors),
  },
};

/** How often each outcome has to occur, so that neither is untested. */
const LEAST = 0.01;
const isDeep = process.env["ADJOINT_DEEP"] === "1" || python.isHere;
const count = isDeep ? 10_000 : 400;

const byName = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));

interface Valid {
  readonly seed: number;
  readonly file: Uint8Array;
  readonly read: Expected[];
}

const known = new Map<Format, readonly Valid[]>();

/** The files that are read, and what is read of them. Anything but an error of the file ends the test. */
function readAll(format: Format): readonly Valid[] {
  const before = known.get(format);
  if (before !== undefined) return before;
  const { draw, read } = formats[format];
  const valid: Valid[] = [];
  for (let seed = 0; seed < count; seed++) {
    const file = draw(dice(seed));
    try {
      valid.push({ seed, file, read: read(file) });
    } catch (error) {
      if (!(error instanceof FileError)) throw new Error(`${format}, seed ${seed}`, { cause: error });
      const isPlace = Number.isInteger(error.offset) && error.offset >= 0 && error.offset <= file.length;
      expect([seed, isPlace, error.message], "an error says where").toEqual([seed, true, error.message]);
    }
  }
  expect(valid.length / count).toBeGreaterThan(LEAST);
  expect(valid.length / count).toBeLessThan(1 - LEAST);
  known.set(format, valid);
  return valid;
}

const all = Object.keys(formats) as Format[];

test.each(all)(
  "damaged %s files are refused with a place in them, or take what their bytes justify",
  (format) => {
    for (const { seed, file, read } of readAll(format)) {
      const size = read.reduce((sum, { elements }) => sum + (elements.length / 4) * 3, 0);
      // Stored bytes become four times as many as int32, compressed ones 1032 times.
      expect([seed, size <= 4 * 1032 * file.length]).toEqual([seed, true]);
    }
  },
  120_000,
);

test.runIf(python.isHere).each(all)(
  `damaged %s files that are read mean the same for Python's reader${python.reason}`,
  (format) => {
    const valid = readAll(format);
    const told = readByPython(valid.map(({ file }) => [format, file]));
    const others = valid.flatMap(({ seed, read }, i): unknown[] => {
      const its = told[i]!;
      if (typeof its === "string") return [{ seed, read, its }];
      const ours = byName(read).map((each, k) =>
        byName(its)[k]?.elements === null ? { name: each.name, shape: each.shape, elements: null } : each,
      );
      return isDeepStrictEqual(ours, byName(its)) ? [] : [{ seed, read: ours, its }];
    });
    expect(told.length).toBe(valid.length);
    expect(others).toEqual([]);
  },
  120_000,
);
