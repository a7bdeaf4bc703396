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
    "autograd/src/kernels/product/vector.ts",
    ["autograd/kernels/product.test.ts"],
    [
      [
        "for (const each of [at.matrix, at.y]) advance(code, each, lines * bytes);",
        "advance(code, at.y, lines * bytes);",
      ],
      ["                .memory(M.v128_store, 16 * i)", "                .memory(M.v128_store)"],
      ["() => element.zero(code).set(single)", "() => {}"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/product/any-sizes.ts",
    ["autograd/kernels/product-any-sizes.test.ts"],
    [
      ["WIDER * tuning.columns), 64)", "tuning.columns), 64)"],
      ["up(Math.min(n, columnsFor(m, k, tuning)), 16)", "up(Math.min(n, tuning.columns), 16)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/product/choices.ts",
    ["autograd/kernels/product-any-sizes.test.ts"],
    [["this.#bound(WIDER * tuning.columns, I.i32_gt_s);", ""]],
  ),
  ...mutationsOf(
    "autograd/src/kernels/product/terms.ts",
    ["autograd/kernels/product.test.ts"],
    [
      ["code.get(found).if(() => eachSum(withZeros));", ""],
      [".get(found).emit(I.i32_or).set(found)", ".set(found)"],
      ["emit(I.i32_and, I.select)", "emit(I.i32_or, I.select)"],
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
    [["float32: FEW_MULTIPLICATIONS + 1", "float32: 4096"]],
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
  ...mutationsOf(
    "autograd/src/kernels/plain/array-lanes.ts",
    ["autograd/kernels/plain-kernels.test.ts"],
    [
      ["to[i]! += z[i]!;", "to[i] = x[i]! * y[i]! + z[i]!;"],
      ["if (b < a) return b;", "if (b <= a) return b;"],
      ["- Number(x[i]! >>> 0 < y[i]! >>> 0)", ""],
      ["+ Number(to[i]! >>> 0 < x[i]! >>> 0)", ""],
      ["x < 0 || Object.is(x, -0) ? -whole : whole", "x < 0 ? -whole : whole"],
      ['Object.is(value, -0) ? "-0" : value', "value"],
      ["this.#wider?.restart();", "", "without it each run takes new arrays, which costs memory alone"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/plain/body.ts",
    ["autograd/kernels/plain-kernels.test.ts"],
    [
      ["words[(i * this.#lanes.bits) / 32]! & 1", "words[i]! & 1"],
      ["if (strides[0] === 0) return view.subarray(start, start + 1);", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/plain/rows.ts",
    ["autograd/kernels/plain-kernels.test.ts"],
    [
      ["const VECTORS = 8;", "const VECTORS = 4;"],
      ['isSum || dtype === "float64" ? 2 : 4', "2"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/plain/product.ts",
    ["autograd/kernels/plain-kernels.test.ts"],
    [
      ["c0 = fround(c0 + fround(x * memory[q]!));", "c0 = fround(c0 + x * memory[q]!);"],
      ["gated && Number.isNaN(sum)", "Number.isNaN(sum)"],
      ["if (x !== 0 && y !== 0)", "if (x !== 0)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/eager/arrival-later.ts",
    ["autograd/kernels/arrival.test.ts"],
    [["kernels = given;", ""]],
  ),
  ...mutationsOf(
    "autograd/src/kernels/eager/known.ts",
    ["autograd/kernels/arrival.test.ts"],
    [["this.#kernels.clear();", "", "plain kernels give the same, in a longer time"]],
  ),
  ...mutationsOf(
    "autograd/src/kernels/rows/order.ts",
    ["autograd/compile/rows.test.ts"],
    [
      ["if (!this.#descending) return;", "return;"],
      [".f32(0).emit(I.f32_add).set(x)", ".set(x)"],
      ["I.f64_ne, I.select", "I.f64_eq, I.select"],
      ["if (hasPlace) code.get(hole).get(place).memory(M.i32_store, placeAt);", ""],
      ["      .i32(COUNTS * key.bytes)\n      .memoryFill()", "      .i32(COUNTS)\n      .memoryFill()"],
      [
        "memory(M.i32_load).get(this.#length).emit(I.i32_ne)",
        "emit(I.drop).i32(1)",
        "where nothing is to be done, doing it costs time alone",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/rows/running.ts",
    ["autograd/compile/rows.test.ts", "autograd/primitives/running.test.ts"],
    [
      ['this.#dtype === "int32" ? -(2 ** 31)', 'this.#dtype === "bool" ? -(2 ** 31)'],
      ["I.f32_ne : I.f64_ne, I.i32_or", "I.f32_ne : I.f64_ne, I.i32_and"],
      ["I.f64_eq, I.i32_or, I.select", "I.f64_eq, I.i32_and, I.select"],
      ["code.get(count).i32(many).emit(I.i32_lt_s)", "code.get(count).i32(many).emit(I.i32_le_s)"],
      ["const ABREAST = 4;", "const ABREAST = 2;", "how many rows go side by side is a matter of time"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/kernels/rows.ts",
    ["autograd/compile/rows.test.ts"],
    [["move(code, arrays, places, axis, -sizes[axis]!);", ""]],
  ),
  ...mutationsOf(
    "autograd/src/kernels/eager/along-axis.ts",
    ["autograd/compile/rows.test.ts"],
    [
      ["isBack ? (length - 1) * along : 0", "isBack ? length * along : 0"],
      ["at += count * length", "at += length"],
      ["8 * Math.ceil(bytes / 8)", "bytes"],
    ],
  ),
];
