// What layers compute, in plain loops over plain arrays of float64.

import { flat, places } from "../support/tensors.ts";

export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export const at = ({ shape, data }: Plain, place: readonly number[]): number => data[flat(place, shape)]!;

/** An array by a formula for each place. */
export const plain = (shape: readonly number[], formula: (place: number[]) => number): Plain => ({
  shape,
  data: places(shape).map(formula),
});

/** What lies at a place beside an axis of n elements, for each mode; null where that is a zero. */
const beside: Readonly<Record<string, (i: number, n: number) => number | null>> = {
  zeros: (i, n) => (i < 0 || i >= n ? null : i),
  reflect: (i, n) => (i < 0 ? -i : i >= n ? 2 * n - 2 - i : i),
  circular: (i, n) => ((i % n) + n) % n,
  replicate: (i, n) => Math.max(0, Math.min(n - 1, i)),
};

export interface Laid {
  readonly stride?: readonly number[];
  /** Before and after each axis. */
  readonly padding?: readonly (readonly [number, number])[];
  readonly dilation?: readonly number[];
  readonly groups?: number;
  readonly mode?: string;
  readonly outputPadding?: readonly number[];
}

export function convolved(x: Plain, w: Plain, b: Plain | undefined, laid: Laid): Plain {
  const [batch, channels, ...ins] = x.shape as [number, number, ...number[]];
  const [outputs, , ...window] = w.shape as [number, number, ...number[]];
  const { groups = 1, mode = "zeros" } = laid;
  const stride = laid.stride ?? ins.map(() => 1);
  const dilation = laid.dilation ?? ins.map(() => 1);
  const padding = laid.padding ?? ins.map(() => [0, 0] as const);
  const out = ins.map((n, k) => {
    const room = n + padding[k]![0] + padding[k]![1] - ((window[k]! - 1) * dilation[k]! + 1);
    return Math.floor(room / stride[k]!) + 1;
  });
  return plain([batch, outputs, ...out], ([n, o, ...p]) => {
    let sum = b === undefined ? 0 : b.data[o!]!;
    const group = Math.floor(o! / (outputs / groups));
    for (let c = 0; c < channels / groups; c++)
      for (const q of places(window)) {
        const place = q.map((offset, k) =>
          beside[mode]!(p[k]! * stride[k]! + offset * dilation[k]! - padding[k]![0], ins[k]!),
        );
        if (place.includes(null)) continue;
        const from = [n!, group * (channels / groups) + c, ...(place as number[])];
        sum += at(x, from) * at(w, [o!, c, ...q]);
      }
    return sum;
  });
}

/** Each element of x, times the kernel, added to the window that belongs to it. */
export function spreadOut(x: Plain, w: Plain, b: Plain | undefined, laid: Laid): Plain {
  const [batch, channels, ...ins] = x.shape as [number, number, ...number[]];
  const [, perGroup, ...window] = w.shape as [number, number, ...number[]];
  const { groups = 1 } = laid;
  const stride = laid.stride ?? ins.map(() => 1);
  const dilation = laid.dilation ?? ins.map(() => 1);
  const cut = laid.padding ?? ins.map(() => [0, 0] as const);
  const out = ins.map(
    (n, k) =>
      (n - 1) * stride[k]! -
      2 * cut[k]![0] +
      dilation[k]! * (window[k]! - 1) +
      (laid.outputPadding?.[k] ?? 0) +
      1,
  );
  const shape = [batch, perGroup * groups, ...out];
  const data = places(shape).map(([, o]) => (b === undefined ? 0 : b.data[o!]!));
  for (const [n, c, ...p] of places(x.shape)) {
    const group = Math.floor(c! / (channels / groups));
    for (let o = 0; o < perGroup; o++)
      for (const q of places(window)) {
        const to = q.map((offset, k) => p[k]! * stride[k]! + offset * dilation[k]! - cut[k]![0]);
        if (to.some((i, k) => i < 0 || i >= out[k]!)) continue;
        data[flat([n!, group * perGroup + o, ...to], shape)]! += at(x, [n!, c!, ...p]) * at(w, [c!, o, ...q]);
      }
  }
  return { shape, data };
}

type Reduce = (numbers: readonly number[]) => number;
export const mean: Reduce = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
export const largest: Reduce = (numbers) => Math.max(...numbers);

/** Windows with padding, whose elements are `outside`, reduced. */
export function pooled(
  x: Plain,
  reduce: Reduce,
  outside: number,
  size: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
): Plain {
  const [batch, channels, ...ins] = x.shape as [number, number, ...number[]];
  const out = ins.map((n, k) => Math.floor((n + 2 * padding[k]! - size[k]!) / stride[k]!) + 1);
  return plain([batch, channels, ...out], ([n, c, ...p]) =>
    reduce(
      places(size).map((q) => {
        const from = q.map((offset, k) => p[k]! * stride[k]! + offset - padding[k]!);
        return from.some((i, k) => i < 0 || i >= ins[k]!) ? outside : at(x, [n!, c!, ...from]);
      }),
    ),
  );
}

/** Windows of which window i of m goes from ⌊i·n/m⌋ to below ⌈(i + 1)·n/m⌉, reduced. */
export function pooledTo(x: Plain, reduce: Reduce, size: readonly number[]): Plain {
  const [batch, channels, ...ins] = x.shape as [number, number, ...number[]];
  return plain([batch, channels, ...size], ([n, c, ...p]) => {
    const isWithin = (q: readonly number[]) =>
      q.every((j, k) => {
        const start = Math.floor((p[k]! * ins[k]!) / size[k]!);
        const end = Math.ceil(((p[k]! + 1) * ins[k]!) / size[k]!);
        return j >= start && j < end;
      });
    return reduce(
      places(ins)
        .filter(isWithin)
        .map((q) => at(x, [n!, c!, ...q])),
    );
  });
}

/** Mean and variance, divided by n, of the numbers of each group, which `groupOf` names by place. */
export function statistics(x: Plain, groupOf: (place: readonly number[]) => unknown) {
  const groups = new Map<unknown, number[]>();
  places(x.shape).forEach((place, i) => {
    const group = groupOf(place);
    groups.set(group, [...(groups.get(group) ?? []), x.data[i]!]);
  });
  return new Map(
    [...groups].map(([group, numbers]) => {
      const middle = mean(numbers);
      const variance = mean(numbers.map((number) => (number - middle) ** 2));
      return [group, { mean: middle, variance, size: numbers.length }];
    }),
  );
}

/** (x − mean)/√(variance + epsilon) within each group. */
export function normalizedBy(
  x: Plain,
  groupOf: (place: readonly number[]) => unknown,
  epsilon: number,
): Plain {
  const found = statistics(x, groupOf);
  return plain(x.shape, (place) => {
    const { mean: middle, variance } = found.get(groupOf(place))!;
    return (at(x, place) - middle) / Math.sqrt(variance + epsilon);
  });
}

/** x·weight + bias, weights being those that `indexOf` names by place. */
export function affine(
  x: Plain,
  indexOf: (place: readonly number[]) => number,
  weight: Plain | undefined,
  bias: Plain | undefined,
): Plain {
  return plain(x.shape, (place) => {
    const product = at(x, place) * (weight === undefined ? 1 : weight.data[indexOf(place)]!);
    return product + (bias === undefined ? 0 : bias.data[indexOf(place)]!);
  });
}

/** The weighted sums of a dense layer: x [..., inputs] → [..., outputs]. */
export function weighted(x: Plain, w: Plain, b: Plain | undefined): Plain {
  const [inputs, outputs] = w.shape as [number, number];
  return plain([...x.shape.slice(0, -1), outputs], (place) => {
    const [rest, o] = [place.slice(0, -1), place.at(-1)!];
    let sum = b === undefined ? 0 : b.data[o]!;
    for (let i = 0; i < inputs; i++) sum += at(x, [...rest, i]) * at(w, [i, o]);
    return sum;
  });
}

/** Each element by a function of its own. */
export const each = (x: Plain, f: (value: number, place: readonly number[]) => number): Plain =>
  plain(x.shape, (place) => f(at(x, place), place));
