// The handwritten digits, read from their file.

import { randomKey } from "@adjoint/autograd";
import type { Dataset, Rows } from "./dataset.ts";
import { shared } from "./share.ts";

const COUNT = 1797;
const PIXELS = 64;
const BRIGHTEST = 16;
/** The file has brightness in steps of this size. */
const STEP = 4;

/** What every engine has and the language's types don't name. */
const host = globalThis as unknown as {
  readonly DecompressionStream: new (format: "gzip") => unknown;
  readonly Blob: new (
    parts: readonly Uint8Array[],
  ) => { stream(): { pipeThrough(stream: unknown): unknown } };
  readonly Response: new (body: unknown) => { arrayBuffer(): Promise<ArrayBuffer> };
};

/** The bytes of a file that may be packed: servers unpack what ends in .gz at times. */
async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new host.Blob([bytes]).stream().pipeThrough(new host.DecompressionStream("gzip"));
  return new Uint8Array(await new host.Response(stream).arrayBuffer());
}

/** The digits' images and classes from the bytes of digits.bin. Throws Error for a damaged file. */
export async function digitRows(file: Uint8Array): Promise<Rows> {
  const bytes = await unpacked(file);
  if (bytes.length !== COUNT * (PIXELS + 1))
    throw new Error(
      `digits: the file has ${bytes.length} bytes where ${COUNT * (PIXELS + 1)} belong; load the page again`,
    );
  const [x, y] = [new Float64Array(COUNT * PIXELS), new Float64Array(COUNT)];
  for (let i = 0; i < COUNT; i++) {
    y[i] = bytes[i]!;
    for (let pixel = 0; pixel < PIXELS; pixel++)
      x[i * PIXELS + pixel] = STEP * bytes[COUNT * (1 + pixel) + i]!;
  }
  return { count: COUNT, x, y };
}

/** The digits as a data set: three quarters for training. */
export function digits(rows: Rows, seed: number): Dataset {
  const names = Array.from({ length: PIXELS }, (_, i) => `pixel ${Math.floor(i / 8)}, ${i % 8}`);
  return {
    kind: "image",
    inputs: names,
    outputs: Array.from({ length: 10 }, (_, digit) => `${digit}`),
    isClassification: true,
    ...shared(rows, PIXELS, randomKey(seed)),
    inputScale: { shift: names.map(() => 0), scale: names.map(() => BRIGHTEST) },
    targetScale: null,
    scaling: "each pixel divided by 16, the brightest",
    imageSize: [8, 8],
    source:
      "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository, CC BY 4.0; brightness rounded to five steps",
  };
}
