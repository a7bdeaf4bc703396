import { type Mutation, mutationsOf } from "./mutation.ts";

export const kernels: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/kernels/lane-writer.ts",
    ["autograd/kernels/loops-edges.test.ts", "autograd/kernels/elementary.test.ts"],
    [
      ["known?.block.isOpen", "known"],
      ["Object.is(b.constant, -0) ? this.#unsigned(a) : a", "this.#unsigned(a)"],
      ["{by}`, [a]", "{0}`, [a]"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/loops/reducers.ts",
    ["autograd/kernels/loops-edges.test.ts", "autograd/kernels/loops.test.ts"],
    [
      ["{ 32: 0xff800000, 64: 0xfff00000 }", "{ 32: 0, 64: 0 }"],
      ["every(first, 32)", "ZERO"],
      ["if (!this.across || active === lanes) return vector;", "return vector;"],
      ["this.#upper.get(a)!, this.#upper.get(b)!", "this.#upper.get(a)!, this.#upper.get(a)!"],
      ["largest ? I.v128_or : I.v128_and", "I.v128_or"],
      ["this.#nanIn.get(a)!, this.#nanIn.get(b)!", "this.#nanIn.get(a)!, this.#nanIn.get(a)!"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/loops/conversions.ts",
    ["autograd/kernels/loops-edges.test.ts", "autograd/kernels/loops.test.ts"],
    [
      ["narrow ? I.f32x4_ge : I.f64x2_ge", "narrow ? I.f32x4_gt : I.f64x2_gt"],
      ["below(2 ** 84)", "below(2 ** 63)"],
      ["code.constant([0, 1, 2, 3])", "code.constant([0, 1, 2, 2])"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/product/gate.ts",
    ["autograd/kernels/product.test.ts"],
    [
      ["isNotZero(y).emit(I.i32_and);", "isNotZero(y).emit(I.i32_or);"],
      ["pushOffset(code, element, b.lines, column)", "pushOffset(code, element, b.lines, row)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/heap.ts",
    ["autograd/kernels/heap.test.ts"],
    [
      ["for (const i of [at, at - 1])", "for (const i of [at])"],
      [
        "if (part.start === part.end) this.#free.splice(best, 1);",
        "",
        "an empty part holds nothing, and goes when a neighbour is freed; it costs time alone",
      ],
      [
        "end - start < this.#free[best]!.end - this.#free[best]!.start",
        "end - start > this.#free[best]!.end - this.#free[best]!.start",
      ],
      ["if (size === undefined) return;", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/eager/product.ts",
    ["autograd/primitives/float32-products.test.ts"],
    [["float32: TUNING.few + 1", "float32: 4096"]],
  ),
  ...mutationsOf(
    "autograd/src/kernels/eager/gather.ts",
    ["autograd/primitives/eager-kernels.test.ts"],
    [
      [
        "this.#row -= this.#steps[axis]! * this.#sizes[axis]!;",
        "this.#row -= this.#steps[axis]! * (this.#sizes[axis]! - 1);",
      ],
      ["this.#sizes.length === 1 && this.#steps[0] === 0", "this.#steps[0] === 0"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/eager/sums.ts",
    ["autograd/primitives/eager-kernels.test.ts"],
    [
      ["if (rest > 0) kernel(1, rest,", "if (rest > 1) kernel(1, rest,"],
      ["totals.fill(0);", ""],
      ["if (run > 2) return null;", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/eager/extremes.ts",
    ["autograd/primitives/eager-kernels.test.ts"],
    [
      ['which === "largest" ? -Infinity : Infinity', "0"],
      ["Math.min(together, rows - row)", "together"],
    ],
  ),
];
