// Values that a node makes out of attributes and sizes.

import { full, type Tensor, tensor } from "@adjoint/autograd";
import { Datum } from "../datum.ts";
import { type ElementType, isFloatType, isWide, stored } from "../element-types.ts";
import type { NodeReader } from "../node-reader.ts";
import type { Operators } from "./operator.ts";

const SOURCES = ["value", "value_float", "value_floats", "value_int", "value_ints"] as const;

/** The value of a Constant, from whichever attribute holds it. */
function constantOf(node: NodeReader): Datum {
  const given = SOURCES.filter((name) => node.has(name));
  const [source] = given;
  if (given.length !== 1)
    node.refuse(
      given.length === 0
        ? `it has none of the attributes ${SOURCES.join(", ")}; texts and sparse tensors are not read`
        : `it has the attributes ${given.join(" and ")}; only one can be its value`,
    );
  if (source !== "value" && node.opset < 12)
    node.refuse(`the attribute ${source} is there from version 12 on`);
  switch (source!) {
    case "value":
      return node.tensor("value")!;
    case "value_float":
      return Datum.of(tensor(node.float("value_float")));
    case "value_floats": {
      const values = node.floats("value_floats")!;
      return Datum.of(tensor(values, { shape: [values.length] }));
    }
    case "value_int":
      return Datum.ofWhole("int64", [], [BigInt(node.int("value_int"))]);
    case "value_ints": {
      const values = node.wholes("value_ints")!;
      return Datum.ofWhole("int64", [values.length], values);
    }
  }
}

/** Sizes that may be: whole, not negative, and not more elements than there can be. */
export function checkedSizes(node: NodeReader, sizes: readonly number[]): readonly number[] {
  const count = sizes.reduce((product, n) => product * n, 1);
  if (sizes.some((n) => !Number.isSafeInteger(n) || n < 0) || !Number.isSafeInteger(count))
    node.refuse(`[${sizes.join(", ")}] is no shape`);
  return sizes;
}

/** One value everywhere. */
function filled(node: NodeReader, shape: readonly number[], value: Datum | null): Datum {
  const type: ElementType = value?.type ?? "float32";
  if (value?.whole == null || !isWide(type)) {
    const { dtype } = stored(type);
    return Datum.of(full(shape, value?.number("value") ?? 0, { dtype }), type);
  }
  const one = value.whole[0]!;
  const size = shape.reduce((product, n) => product * n, 1);
  // Shapes are small; a large tensor of whole numbers is one number, stored once.
  if (size > 4096)
    return Datum.of(full(shape, Datum.ofWhole(type, [1], [one]).number("value"), { dtype: "int32" }), type);
  void node;
  return Datum.ofWhole(type, shape, new Array<bigint>(size).fill(one));
}

/** How many numbers from start to limit are delta apart. */
function countOf(node: NodeReader, start: number, limit: number, delta: number): number {
  const n = Math.max(0, Math.ceil((limit - start) / delta));
  if (!Number.isSafeInteger(n)) node.refuse(`from ${start} to ${limit} by ${delta} is no range`);
  return n;
}

/** The whole numbers from 0 on, in a shape. */
export const range = (n: number, shape: readonly number[]): Tensor =>
  tensor(
    Int32Array.from({ length: n }, (_, i) => i),
    { shape },
  );

export const constants: Operators = {
  Constant: {
    since: 1,
    inputs: [0, 0],
    prepare(node) {
      const value = constantOf(node);
      return () => value;
    },
  },
  ConstantOfShape: {
    since: 9,
    inputs: [1, 1],
    settings: [0],
    prepare(node) {
      const value = node.tensor("value");
      if (value !== null && value.size !== 1)
        node.refuse(`the attribute "value" has ${value.size} elements and must have one`);
      return ([shape]) => filled(node, checkedSizes(node, shape!.numbers("a shape")), value);
    },
  },
  EyeLike: {
    since: 9,
    inputs: [1, 1],
    prepare(node) {
      const [to, k] = [node.type("dtype"), node.int("k", 0)];
      return ([like]) => {
        const type = to ?? like!.type;
        const [rows, columns] = like!.shape as [number, number];
        if (like!.rank !== 2) node.refuse(`the input has ${like!.rank} axes and must have 2`);
        const distance = range(columns, [1, columns]).sub(range(rows, [rows, 1]));
        return Datum.of(distance.equal(k).cast(stored(type).dtype), type);
      };
    },
  },
  Range: {
    since: 11,
    inputs: [3, 3],
    settings: [0, 1, 2],
    prepare(node) {
      if (node.opset >= 27) node.pass("stash_type");
      return ([start, limit, delta]) => {
        const { type } = start!;
        const numbers = [start, limit, delta].map((each) => each!.number("an end of a range"));
        const [from, to, by] = numbers as [number, number, number];
        if (by === 0) node.refuse("the step of a range is 0");
        const n = countOf(node, from, to, by);
        if (!isFloatType(type) && isWide(type))
          return Datum.ofWhole(
            type,
            [n],
            Array.from({ length: n }, (_, i) => BigInt(from) + BigInt(i) * BigInt(by)),
          );
        const values = Array.from({ length: n }, (_, i) => from + i * by);
        return Datum.of(tensor(values, { shape: [n], dtype: stored(type).dtype }), type);
      };
    },
  },
};
