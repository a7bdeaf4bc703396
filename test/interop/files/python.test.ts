// What is written here is read by NumPy and by the Python package safetensors, and the other way, bit by bit: every type, every
// odd shape, every order.

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DType, type Tensor, tensor } from "@adjoint/autograd";
import { readNpy, readNpz, writeNpy, writeNpz } from "@adjoint/interop";
import { fromSafetensors, toSafetensors } from "@adjoint/nn";
import { expect, test } from "vitest";
import { zipParts } from "../../../packages/interop/src/files/zip-writer.ts";
import { python } from "../peers.ts";
import { bytesOf, type Cases, kept, seen, seenIn } from "./numpy.ts";
import { printed, printedBy, readByPython } from "./python.ts";

const withPython = test.runIf(python.isHere);
const { reason } = python;

const shapes = [[], [0], [0, 3], [3, 0, 2], [1, 1], [5], [2, 3], [2, 1, 3, 1, 2, 1, 2], [1, 7, 1]];
const types: readonly DType[] = ["float32", "float64", "int32", "bool"];

/** Any bits at all, but for truth values, of which there are two. */
function anyBits(shape: readonly number[], dtype: DType, seed: number): Tensor {
  const count = shape.reduce((product, n) => product * n, 1);
  const size = { float32: 4, float64: 8, int32: 4, bool: 1 }[dtype];
  const bytes = Uint8Array.from(
    { length: count * size },
    (_, i) => Math.imul(i + 7 * seed, 2654435761) >>> 23,
  );
  const elements = {
    float32: () => new Float32Array(bytes.buffer),
    float64: () => new Float64Array(bytes.buffer),
    int32: () => new Int32Array(bytes.buffer),
    bool: () => bytes.map((byte) => byte & 1),
  }[dtype]();
  return tensor(elements, { shape, dtype });
}

const tensors: Readonly<Record<string, Tensor>> = Object.fromEntries(
  types.flatMap((dtype, i) =>
    shapes.map((shape, k) => [`${dtype}/größe ${k}`, anyBits(shape, dtype, 10 * i + k)] as const),
  ),
);

const inOrder = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));

withPython(`NumPy reads each array that is written, and writes these very bytes${reason}`, () => {
  const all = Object.values(tensors);
  const told = readByPython(all.map((x) => ["npy", writeNpy(x)]));
  expect(told).toEqual(all.map((x) => [seen("", x)]));
  const again = printed(
    "import io, sys, base64, numpy as np\nfor line in sys.argv[1:]:\n  a = np.load(io.BytesIO(base64.b64decode(line))); f = io.BytesIO(); np.save(f, a); print(base64.b64encode(f.getvalue()).decode())",
    ...all.map((x) => Buffer.from(writeNpy(x)).toString("base64")),
  );
  expect(again.trim().split("\n")).toEqual(all.map((x) => Buffer.from(writeNpy(x)).toString("base64")));
});

withPython(`NumPy and zipfile read all arrays of one file, compressed or not${reason}`, () => {
  for (const compressed of [false, true])
    expect(readByPython([["npz", writeNpz(tensors, { compressed })]])).toEqual([seenIn(tensors)]);
});

withPython(`safetensors reads what is written, and the other way${reason}`, () => {
  const file = toSafetensors(tensors);
  const [told] = readByPython([["safetensors", file]]);
  expect(inOrder(told as never)).toEqual(inOrder(seenIn(tensors)));
  const again = printed(
    "import sys, base64; from safetensors.numpy import load, save; print(base64.b64encode(save(load(base64.b64decode(sys.argv[1])))).decode())",
    Buffer.from(file).toString("base64"),
  );
  expect(inOrder(seenIn(fromSafetensors(bytesOf(again.trim())).tensors))).toEqual(inOrder(seenIn(tensors)));
});

withPython(`every type, shape and order that NumPy writes is read bit by bit${reason}`, () => {
  const { npy, npz } = JSON.parse(printedBy("data/numpy-files.py", "--all")) as Cases;
  expect(npy.length).toBeGreaterThan(400);
  for (const { what, file, arrays } of npy)
    expect([what, seen("", readNpy(bytesOf(file)))]).toEqual([what, arrays[0]]);
  for (const { what, file, arrays } of npz)
    expect([what, seenIn(readNpz(bytesOf(file)))]).toEqual([what, arrays]);
});

withPython(`the kept files are those that NumPy writes${reason}`, () => {
  expect(JSON.parse(printedBy("data/numpy-files.py"))).toEqual(kept);
});

withPython(
  `numbers of 64 bits are read by zipfile, and by readNpz: of 65,535 members, and of members behind 4 GiB${reason}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "adjoint-zip-"));
    try {
      const bytes = writeNpy(tensor([1, 2]));
      const read = (name: string) =>
        printed(
          "import sys, zipfile, numpy as np\nz = zipfile.ZipFile(sys.argv[1]); n = z.namelist(); print(len(n), n[-1], np.lib.format.read_array(z.open(n[-1])).tolist(), z.infolist()[-1].header_offset)",
          join(folder, name),
        );
      const count = 65_535;
      const many = Array.from({ length: count }, (_, i) => ({ name: `x${i}.npy`, bytes }));
      const all = Buffer.concat(zipParts(many, { compressed: false }));
      const only = (name: string) => name === "x65534";
      expect(seenIn(readNpz(all, { only }))).toEqual([seen("x65534", tensor([1, 2]))]);
      const at = all.lastIndexOf(Buffer.from([80, 75, 3, 4]));
      const files = [
        { name: "many.zip", start: 0, parts: [all], says: `65535 x65534.npy [1.0, 2.0] ${at}` },
        ...[2 ** 32 - 200, 2 ** 32 - 1, 2 ** 32 + 5].map((start) => ({
          name: `${start}.zip`,
          start,
          parts: zipParts(many.slice(0, 2), { compressed: true, start }),
          says: `2 x1.npy [1.0, 2.0] `,
        })),
      ];
      for (const { name, start, parts, says } of files) {
        // What lies before is a hole in the file, which takes no room.
        const file = openSync(join(folder, name), "w");
        let place = start;
        for (const part of parts) place += writeSync(file, part, 0, part.length, place);
        closeSync(file);
        expect(read(name)).toContain(says);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);
