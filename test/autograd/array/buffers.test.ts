// Arrays of medium size share blocks of memory inside the engine. Users look at buffers, send them away, and read them as
// they like: what they get holds the elements of one tensor and nothing else.

import { compile, definePrimitive, type Tensor, tensor, variable } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";

const sizes = [1, 8, 9, 16, 17, 100, 128, 129, 256, 257, 1000];
const types = ["float32", "float64", "int32", "bool"] as const;

const isAlone = ({ data }: Tensor) => data.byteOffset === 0 && data.buffer.byteLength === data.byteLength;

/** 0, 1, 0, 1 … */
const filled = (size: number, dtype: (typeof types)[number]): Tensor =>
  tensor(
    Array.from({ length: size }, (_, i) => i % 2),
    { dtype },
  );

/** The same elements, computed. */
const computed = (x: Tensor): Tensor => tensor(true).select(x, x);

describe.each(types)("the buffer of a tensor's data holds its elements alone, of type %s,", (dtype) => {
  const given = sizes.map((size) => filled(size, dtype));

  test("where it was computed", () => {
    for (const x of given) expect(isAlone(computed(x)), `${x.size}`).toBe(true);
  });

  test("where a program gave it", () => {
    const f = compile((x: Tensor) => computed(x));
    for (const x of given) expect(isAlone(f(x)), `${x.size}`).toBe(true);
  });

  test("where a variable holds it", () => {
    for (const x of given) expect(isAlone(variable(computed(x))), `${x.size}`).toBe(true);
  });
});

test("a buffer that is given away takes no other tensor's elements with it", () => {
  const made = Array.from({ length: 30 }, (_, i) => filled(20, "float64").add(i));
  const views = made.map((x) => x.reshape([4, 5]).transpose());
  const expected = views.map((x) => x.toArray());
  const buffer = made[7]!.data.buffer as ArrayBuffer;
  structuredClone(buffer, { transfer: [buffer] });
  views.forEach((view, i) => {
    expect(view.toArray(), `${i}`).toEqual(expected[i]);
  });
  made.forEach((x, i) => {
    if (i !== 7)
      expect([...x.data], `${i}`).toEqual([...filled(20, "float64").data].map((value) => value + i));
  });
});

test("the buffer of a part of a tensor's data holds no other tensor's elements", () => {
  const x = filled(20, "float64").add(1).reshape([4, 5]);
  const other = filled(20, "float64").add(2);
  const expected = other.toArray();
  // A row of 40 bytes, two of 80, a column, a single number, and none.
  for (const part of [x.slice(1), x.slice([1, 3]), x.slice(null, 2), x.slice(0, 0), x.slice([2, 2])]) {
    const { data } = part;
    expect(data.byteLength === data.buffer.byteLength, `${part.shape}`).toBe(true);
    const buffer = data.buffer as ArrayBuffer;
    structuredClone(buffer, { transfer: [buffer] });
    expect(other.toArray()).toEqual(expected);
    expect(x.toArray()).toEqual(filled(20, "float64").add(1).reshape([4, 5]).toArray());
  }
});

test("the data of a tensor is the same array each time", () => {
  for (const size of sizes) {
    const x = filled(size, "float64").add(1);
    expect(x.data).toBe(x.data);
  }
});

test("a primitive of one's own may read and write by buffers", () => {
  const through = definePrimitive({
    name: "through",
    shape: ([s]) => s!,
    value([x], out) {
      new Float64Array(out.buffer).set(new Float64Array((x!.data as Float64Array).buffer));
    },
  });
  for (const size of sizes) {
    const x = filled(size, "float64").add(3);
    expect(through(x).toArray()).toEqual(x.toArray());
    expect(compile(through)(x).toArray()).toEqual(x.toArray());
  }
});
