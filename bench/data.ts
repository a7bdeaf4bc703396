// The first values that all peers begin with: a generator small enough to be written twice, here and in
// peers/harness.py, so that nothing need be sent between processes.

/** The i-th random word of a seed: a counter, mixed as Murmur3 ends (Appleby 2011). */
function word(seed: number, i: number): number {
  let h = Math.imul(i + Math.imul(seed, 0x632be5ab) + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca77);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae3d);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Numbers between −scale and scale. The words' upper 24 bits, which float32 holds exactly. */
export function uniform(seed: number, count: number, scale: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => ((word(seed, i) >>> 8) / 2 ** 23 - 1) * scale);
}

export function labels(seed: number, count: number, classes: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: count }, (_, i) => word(seed, i) % classes);
}

/** Elements, row-major, and their shape. */
export interface Block {
  readonly values: Float32Array<ArrayBuffer>;
  readonly shape: number[];
}

export function block(seed: number, shape: number[], scale = 1): Block {
  const count = shape.reduce((product, n) => product * n, 1);
  return { values: uniform(seed, count, scale), shape };
}

/** Weights [inputs, outputs] and biases of dense layers, in turn. Weights keep the variance of a relu's input. */
export function denseLayers(widths: readonly number[]): Block[] {
  return widths.slice(1).flatMap((outputs, i) => {
    const inputs = widths[i]!;
    return [block(100 + 2 * i, [inputs, outputs], Math.sqrt(6 / inputs)), block(101 + 2 * i, [outputs], 0.1)];
  });
}

/** The convolutional network's parameters: kernels [outputs, inputs, 3, 3], biases, and the dense layer after them. */
export function convolutionLayers(): Block[] {
  return [
    block(200, [8, 1, 3, 3], Math.sqrt(6 / 9)),
    block(201, [8], 0.1),
    block(202, [16, 8, 3, 3], Math.sqrt(6 / 72)),
    block(203, [16], 0.1),
    block(204, [16 * 7 * 7, 10], Math.sqrt(6 / 784)),
    block(205, [10], 0.1),
  ];
}

/** Two half circles, one in the other's arm, with noise: points [x, y] and their side, ±1. */
export function moons(count: number): { readonly points: number[][]; readonly sides: number[] } {
  const noise = uniform(1, 2 * count, 0.1);
  const sides = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : -1));
  const points = sides.map((side, i) => {
    const angle = (Math.PI * (i + 0.5)) / count;
    const place =
      side > 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    return place.map((at, axis) => at + noise[2 * i + axis]!);
  });
  return { points, sides };
}
