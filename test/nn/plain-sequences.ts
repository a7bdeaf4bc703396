// Recurrent cells, attention and transformer blocks by their definitions: plain loops over numbers in float64.

type Row = readonly number[];
type Matrix = readonly Row[];

const σ = (x: number) => 1 / (1 + Math.exp(-x));
const zip = (a: Row, b: Row, f: (a: number, b: number) => number): number[] => a.map((x, i) => f(x, b[i]!));
export const plus = (a: Row, b: Row): number[] => zip(a, b, (x, y) => x + y);
const quarter = (row: Row, i: number, n: number) =>
  row.slice((i * row.length) / n, ((i + 1) * row.length) / n);

/** x·weight + bias. */
export function affine(x: Row, weight: Matrix, bias: Row | null): number[] {
  return weight[0]!.map((_, j) => x.reduce((sum, each, i) => sum + each * weight[i]![j]!, bias?.[j] ?? 0));
}

export interface CellWeights {
  readonly inputWeight: Matrix;
  readonly hiddenWeight: Matrix;
  readonly inputBias: Row | null;
  readonly hiddenBias: Row | null;
}

/** From what is carried, of which the first part is the output, and x to what is carried on. */
export type PlainStep = (weights: CellWeights, carry: readonly Row[], x: Row) => number[][];

export const plainStep =
  (φ: (x: number) => number): PlainStep =>
  ({ inputWeight, hiddenWeight, inputBias, hiddenBias }, [h], x) => [
    plus(affine(x, inputWeight, inputBias), affine(h!, hiddenWeight, hiddenBias)).map(φ),
  ];

export const lstmStep: PlainStep = (weights, [h, c], x) => {
  const z = plus(
    affine(x, weights.inputWeight, weights.inputBias),
    affine(h!, weights.hiddenWeight, weights.hiddenBias),
  );
  const [i, f, g, o] = [0, 1, 2, 3].map((gate) => quarter(z, gate, 4));
  const next = c!.map((c, j) => σ(f![j]!) * c + σ(i![j]!) * Math.tanh(g![j]!));
  return [next.map((c, j) => σ(o![j]!) * Math.tanh(c)), next];
};

export const gruStep: PlainStep = (weights, [h], x) => {
  const [a, b] = [
    affine(x, weights.inputWeight, weights.inputBias),
    affine(h!, weights.hiddenWeight, weights.hiddenBias),
  ];
  const n = h!.length;
  return [
    h!.map((before, j) => {
      const z = σ(a[n + j]! + b[n + j]!);
      return (1 - z) * Math.tanh(a[2 * n + j]! + σ(a[j]! + b[j]!) * b[2 * n + j]!) + z * before;
    }),
  ];
};

/**
 * One sequence through layers of cells, `directions` to a layer: the outputs at each time, zeros from `length` on, and what
 * each cell carries at its end.
 */
export function unrolled(
  step: PlainStep,
  cells: readonly CellWeights[],
  directions: number,
  xs: Matrix,
  { length = xs.length, initial }: { length?: number; initial: readonly (readonly Row[])[] },
): { outputs: Matrix; last: Matrix[] } {
  let each: Matrix = xs;
  const last: Matrix[] = [];
  for (let layer = 0; layer < cells.length / directions; layer++) {
    const made: number[][] = xs.map(() => []);
    for (let direction = 0; direction < directions; direction++) {
      const cell = cells[layer * directions + direction]!;
      let carry = initial[layer * directions + direction]!;
      const width = carry[0]!.length;
      const outputs = xs.map(() => new Array<number>(width).fill(0));
      for (let t = 0; t < length; t++) {
        const place = direction === 0 ? t : length - 1 - t;
        carry = step(cell, carry, each[place]!);
        outputs[place] = [...carry[0]!];
      }
      for (const [t, row] of outputs.entries()) made[t]!.push(...row);
      last.push(carry);
    }
    each = made;
  }
  return { outputs: each, last };
}

export interface AttentionWeights {
  readonly query: Affine;
  readonly key: Affine;
  readonly value: Affine;
  readonly output: Affine;
}

export interface Affine {
  readonly weight: Matrix;
  readonly bias: Row | null;
}

/** Attention of some heads, of one sample; a query that sees nothing gets zeros in place of an average. */
export function attention(
  { query, key, value, output }: AttentionWeights,
  heads: number,
  [queries, keys, values]: readonly [Matrix, Matrix, Matrix],
  sees: (query: number, key: number) => boolean,
): { outputs: Matrix; weights: Matrix[] } {
  const all = (rows: Matrix, { weight, bias }: Affine) => rows.map((row) => affine(row, weight, bias));
  const [q, k, v] = [all(queries, query), all(keys, key), all(values, value)];
  const size = q[0]!.length / heads;
  const weights = Array.from({ length: heads }, (_, head) =>
    q.map((row, i) => {
      const powers = k.map((other, j) => {
        let score = 0;
        for (let d = head * size; d < (head + 1) * size; d++) score += row[d]! * other[d]!;
        return sees(i, j) ? Math.exp(score / Math.sqrt(size)) : 0;
      });
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((power) => (sum === 0 ? 0 : power / sum));
    }),
  );
  const averages = q.map((row, i) =>
    row.map((_, d) =>
      v.reduce((sum, other, j) => sum + weights[Math.floor(d / size)]![i]![j]! * other[d]!, 0),
    ),
  );
  return { outputs: all(averages, output), weights };
}

export function normalized({ weight, bias }: { weight: Row; bias: Row }, row: Row): number[] {
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
  return row.map((x, i) => ((x - mean) / Math.sqrt(variance + 1e-5)) * weight[i]! + bias[i]!);
}
