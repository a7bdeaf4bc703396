// What a session tells the page, from its tensors.

import type { Tensor } from "@adjoint/autograd";
import type { Dense } from "@adjoint/nn";
import type { Dataset } from "../data/dataset.ts";
import type { LayerPicture } from "../lab.ts";

export const numbersOf = (x: Tensor): number[] => Array.from(x.data as ArrayLike<number>);

/** The name of a layer by its place among `count`, the input being 0. */
export function nameOf(l: number, count: number): string {
  if (l === 0) return "input";
  return l === count - 1 ? "output" : `hidden ${l}`;
}

/** Rows of a matrix whose numbers lie one after another. */
export function rowsOf(flat: ArrayLike<number>, columns: number): number[][] {
  return Array.from({ length: flat.length / columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) => flat[i * columns + j]!),
  );
}

/** Bias weights and weights of a layer as the lecture's matrix, [1 + inputs, outputs], row 0 the bias weights. */
const matrixOf = (bias: Tensor, weight: Tensor, columns: number): number[][] => [
  numbersOf(bias),
  ...rowsOf(weight.data as ArrayLike<number>, columns),
];

/** Above so many weights, matrices are left out while training: nobody can look at them, and copying takes time. */
export const MOST_SHOWN = 2_000;

/** The layers as they are drawn, x of the first sample. */
export function layersOf(
  layers: readonly Dense[],
  input: readonly number[],
  {
    first,
    weights,
    biases,
  }: {
    readonly first: readonly Tensor[];
    readonly weights: readonly Tensor[];
    readonly biases: readonly Tensor[];
  },
  hasMatrices: boolean,
): readonly LayerPicture[] {
  return Array.from({ length: layers.length + 1 }, (_, l): LayerPicture => {
    const x = l === 0 ? input : numbersOf(first[l - 1]!);
    const layer = layers[l];
    const picture = { name: nameOf(l, layers.length + 1), size: x.length };
    if (layer === undefined) return { ...picture, hasBias: false, x };
    const { outputs } = layer;
    return {
      ...picture,
      hasBias: true,
      x: [1, ...x],
      ...(hasMatrices
        ? {
            weight: matrixOf(layer.bias!.value, layer.weight.value, outputs),
            gradient: matrixOf(biases[l]!, weights[l]!, outputs),
          }
        : {}),
    };
  });
}

/** Where a field is computed: its inputs, in the units of the data, and its axes. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly x: readonly [number, number];
  /** Of a plane; a line's is the range of its values. */
  readonly y: readonly [number, number] | null;
  /** [rows·columns, inputs]. */
  readonly points: Float64Array;
}

const ACROSS = 50;
const ALONG = 101;
/** How far beyond the samples a plane is drawn, as a share of their extent. */
const MARGIN = 0.15;

/** The grid of a data set; null where it is neither a plane nor a line. */
export function gridOf({ kind, training, test }: Dataset): Grid | null {
  if (kind !== "plane" && kind !== "line") return null;
  const columns = kind === "plane" ? 2 : 1;
  const extent = (column: number): [number, number] => {
    let [least, greatest] = [Infinity, -Infinity];
    for (const { x } of [training, test])
      for (let i = column; i < x.length; i += columns) {
        least = Math.min(least, x[i]!);
        greatest = Math.max(greatest, x[i]!);
      }
    // A single place has an extent, too.
    if (least === greatest) return [least - 1, greatest + 1];
    return [least, greatest];
  };
  const widened = ([least, greatest]: [number, number]): [number, number] => {
    const margin = MARGIN * (greatest - least);
    return [least - margin, greatest + margin];
  };
  const at = ([least, greatest]: readonly [number, number], i: number, n: number) =>
    least + ((greatest - least) * i) / (n - 1);
  if (kind === "line") {
    const x = extent(0);
    return {
      columns: ALONG,
      rows: 1,
      x,
      y: null,
      points: Float64Array.from({ length: ALONG }, (_, i) => at(x, i, ALONG)),
    };
  }
  const [x, y] = [widened(extent(0)), widened(extent(1))];
  const points = new Float64Array(2 * ACROSS * ACROSS);
  for (let row = 0; row < ACROSS; row++)
    for (let column = 0; column < ACROSS; column++) {
      points[2 * (row * ACROSS + column)] = at(x, column, ACROSS);
      points[2 * (row * ACROSS + column) + 1] = at(y, row, ACROSS);
    }
  return { columns: ACROSS, rows: ACROSS, x, y, points };
}
