// Order, and the choice of elements by their values or by masks.

import { type Tensor, tensor, where, zeros } from "@adjoint/autograd";
import { Datum, moved } from "../datum.ts";
import type { NodeReader } from "../node-reader.ts";
import { axesOf, axisOf, type Operators } from "./operator.ts";
import { indexTensor } from "./places.ts";

/** All of an axis but that it has another size: cut off or filled with zeros, in the middle. */
function centred(x: Tensor, axis: number, size: number): Tensor {
  const n = x.shape[axis]!;
  if (size <= n) {
    const from = Math.floor((n - size) / 2);
    return x.slice(...x.shape.map((_, k) => (k === axis ? ([from, from + size] as const) : null)));
  }
  const before = Math.floor((size - n) / 2);
  return x.pad(x.shape.map((_, k): [number, number] => (k === axis ? [before, size - n - before] : [0, 0])));
}

/** The different elements, or slices along an axis, in order or as they come: where each is first, which one each is, how often. */
function uniqueOf(rows: readonly (readonly number[])[], isSorted: boolean) {
  const places = new Map<string, number>();
  const first: number[] = [];
  const counts: number[] = [];
  const which = rows.map((row, i) => {
    const key = row.join();
    const known = places.get(key);
    if (known !== undefined) {
      counts[known]!++;
      return known;
    }
    places.set(key, first.length);
    counts.push(1);
    return first.push(i) - 1;
  });
  const compare = (a: readonly number[], b: readonly number[]): number => {
    const at = a.findIndex((value, i) => value !== b[i]);
    return at < 0 ? 0 : a[at]! - b[at]!;
  };
  const order = first.map((_, i) => i);
  if (isSorted) order.sort((a, b) => compare(rows[first[a]!]!, rows[first[b]!]!));
  const rank = new Map(order.map((old, i) => [old, i]));
  return {
    first: order.map((i) => first[i]!),
    counts: order.map((i) => counts[i]!),
    which: which.map((old) => rank.get(old)!),
  };
}

/** What a Pad of one mode takes from where along an axis of n, for the place i, which may lie outside. */
const sources: Readonly<Record<string, (i: number, n: number) => number>> = {
  edge: (i, n) => Math.min(Math.max(i, 0), n - 1),
  reflect(i, n) {
    const period = 2 * (n - 1);
    if (period === 0) return 0;
    const place = ((i % period) + period) % period;
    return place < n ? place : period - place;
  },
  wrap: (i, n) => ((i % n) + n) % n,
};

function paddedBy(
  node: NodeReader,
  x: Tensor,
  widths: readonly (readonly [number, number])[],
  mode: string,
  value: number,
): Tensor {
  const source = sources[mode];
  let result = x;
  widths.forEach(([before, after], axis) => {
    if (before === 0 && after === 0) return;
    const n = result.shape[axis]!;
    const size = n + before + after;
    if (size < 0) node.refuse(`padding ${before} and ${after} leaves nothing of an axis of ${n}`);
    if (source !== undefined) {
      if (n === 0) node.refuse(`an axis of size 0 has nothing to pad with in mode ${mode}`);
      result = result.gather(indexTensor(Array.from({ length: size }, (_, i) => source(i - before, n))), {
        axis,
      }) as Tensor;
      return;
    }
    // A negative width cuts off.
    const cut = result.slice(
      ...result.shape.map((_, k) =>
        k === axis ? ([Math.max(0, -before), Math.max(0, n - Math.max(0, -after))] as const) : null,
      ),
    );
    const around = cut.shape.map((_, k): [number, number] =>
      k === axis ? [Math.max(0, before), Math.max(0, after)] : [0, 0],
    );
    result = cut.pad(around, { value });
  });
  return result;
}

export const selection: Operators = {
  CenterCropPad: {
    since: 18,
    inputs: [2, 2],
    settings: [1],
    prepare(node) {
      const given = node.ints("axes");
      return ([x, shape]) => {
        const sizes = shape!.numbers("a shape");
        const axes = axesOf(node, given ?? x!.shape.map((_, axis) => axis), x!.rank);
        if (axes.length !== sizes.length) node.refuse(`${sizes.length} sizes for ${axes.length} axes`);
        return x!.with(axes.reduce((own, axis, i) => centred(own, axis, sizes[i]!), x!.tensor));
      };
    },
  },
  Compress: {
    since: 9,
    inputs: [2, 2],
    settings: [1],
    prepare(node) {
      const axis = node.has("axis") ? node.int("axis") : null;
      return ([x, condition]) => {
        const chosen = condition!
          .numbers("which elements are taken")
          .flatMap((isTaken, i) => (isTaken === 0 ? [] : [i]));
        const at = axis === null ? 0 : axisOf(node, axis, x!.rank);
        return moved(
          x!,
          (own) =>
            (axis === null ? (own.flatten() as Tensor) : own).gather(indexTensor(chosen), {
              axis: at,
            }) as Tensor,
        );
      };
    },
  },
  NonZero: {
    since: 9,
    inputs: [1, 1],
    prepare: () => {
      return ([x]) => {
        const found = x!
          .numbers("which elements are not zero")
          .flatMap((value, i) => (value === 0 ? [] : [i]));
        const { shape } = x!;
        const rows = shape.map((n, axis) => {
          const behind = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
          return found.map((i) => Math.floor(i / behind) % n);
        });
        const count = Math.max(1, shape.length);
        const all = shape.length === 0 ? found : rows.flat();
        return Datum.ofWhole("int64", [count, found.length], all.map(BigInt));
      };
    },
  },
  Pad: {
    since: 2,
    inputs: [1, 4],
    settings: [1, 2, 3],
    prepare(node) {
      const modes =
        node.opset >= 19
          ? (["constant", "reflect", "edge", "wrap"] as const)
          : (["constant", "reflect", "edge"] as const);
      const mode = node.oneOf("mode", modes, "constant");
      const isInput = node.opset >= 11;
      const [attribute, number] = isInput ? [null, 0] : [node.ints("pads"), node.float("value", 0)];
      if (!isInput && (attribute === null || node.inputs > 1))
        node.refuse("its pads are an attribute before version 11");
      if (isInput && node.inputs < 2) node.refuse("it has no pads");
      return ([x, given, value, named]) => {
        const pads = attribute ?? given!.numbers("the widths of the padding");
        const axes = axesOf(node, named?.numbers("the axes") ?? x!.shape.map((_, axis) => axis), x!.rank);
        if (pads.length !== 2 * axes.length) node.refuse(`${pads.length} widths for ${axes.length} axes`);
        const widths = x!.shape.map((_, axis): [number, number] => {
          const i = axes.indexOf(axis);
          return i < 0 ? [0, 0] : [pads[i]!, pads[i + axes.length]!];
        });
        const fill = value?.number("the value of the padding") ?? number;
        return x!.with(paddedBy(node, x!.tensor, widths, mode, fill));
      };
    },
  },
  TopK: {
    since: 1,
    inputs: [1, 2],
    outputs: 2,
    settings: [1],
    prepare(node) {
      const axis = node.int("axis", -1);
      const isLargest = node.opset < 11 || node.flag("largest", true);
      // In order is one of the orders that are allowed where none is asked for.
      if (node.opset >= 11) node.flag("sorted", true);
      const count = node.opset < 10 ? node.int("k") : null;
      if (count === null ? node.inputs < 2 : node.inputs > 1)
        node.refuse("K is an input from version 10 on, and an attribute before");
      return ([x, given]) => {
        const at = axisOf(node, axis, x!.rank);
        const k = count ?? given!.number("K");
        if (!Number.isSafeInteger(k) || k < 0 || k > x!.shape[at]!)
          node.refuse(`K is ${k} of an axis of ${x!.shape[at]}`);
        const order = x!.tensor.argsort({ axis: at, descending: isLargest });
        const places = order.slice(
          ...order.shape.map((_, n) => (n === at ? ([0, k] as const) : null)),
        ) as Tensor;
        return [x!.with(x!.tensor.takeAlongAxis(places, { axis: at })), Datum.of(places, "int64")];
      };
    },
  },
  Trilu: {
    since: 14,
    inputs: [1, 2],
    settings: [1],
    prepare(node) {
      const isUpper = node.flag("upper", true);
      return ([x, given]) => {
        const k = given?.number("the diagonal") ?? 0;
        const [rows, columns] = x!.shape.slice(-2) as [number, number];
        const side = (n: number, shape: readonly number[]): Tensor =>
          tensor(
            Int32Array.from({ length: n }, (_, i) => i),
            { shape },
          );
        const distance = side(columns, [1, columns]).sub(side(rows, [rows, 1]));
        const isKept = isUpper ? distance.greaterEqual(k) : distance.lessEqual(k);
        return x!.with(where(isKept, x!.tensor, zeros([], { dtype: x!.tensor.dtype })));
      };
    },
  },
  Unique: {
    since: 11,
    inputs: [1, 1],
    outputs: 4,
    prepare(node) {
      const [axis, isSorted] = [node.has("axis") ? node.int("axis") : null, node.flag("sorted", true)];
      return ([x]) => {
        const at = axis === null ? 0 : axisOf(node, axis, x!.rank);
        const flat: Tensor = axis === null ? x!.tensor.flatten() : x!.tensor;
        const n = flat.shape[at]!;
        const lined = Datum.of(flat.moveAxis(at, 0)).numbers("which elements differ");
        const length = n === 0 ? 0 : lined.length / n;
        const rows = Array.from({ length: n }, (_, i) => lined.slice(i * length, (i + 1) * length));
        const { first, counts, which } = uniqueOf(rows, isSorted);
        return [
          x!.with(flat.gather(indexTensor(first), { axis: at }) as Tensor),
          Datum.vector(first),
          Datum.vector(which),
          Datum.vector(counts),
        ];
      };
    },
  },
};
