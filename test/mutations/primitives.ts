import { type Mutation, mutationsOf } from "./mutation.ts";

const general = "autograd/primitives/primitives.test.ts";
const conventions = "autograd/primitives/conventions.test.ts";
const random = "autograd/primitives/random.test.ts";
const indexing = "autograd/compile/indexing.test.ts";
const compositions = "autograd/primitives/compositions.test.ts";

export const primitives: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/primitives/mean.ts",
    ["autograd/primitives/mean.test.ts"],
    [
      ['combine: "total", divisor }', 'combine: "total" }'],
      ["sizeOf(x.shape) > sizeOf(shape)", "true"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/log-softmax.ts",
    ["autograd/primitives/log-softmax.test.ts"],
    [
      ["<= -0.5)", "<= -0.1)"],
      ["if (data[at] === most[row]) buffer[row]!++", "buffer[row]!++"],
      ["isMost(y).select(power.neg(), 0)", "power.neg()"],
      ["isMost(y).select(withoutMost, all)", "all"],
      ["[spread, output, elements, others!]", "[spread, output, elements, elements]"],
      ["[ofSingle, unlessMost].map((fn)", "[unlessMost, unlessMost].map((fn)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/indexing.ts",
    ["autograd/primitives/log-softmax.test.ts"],
    [
      ["single?.axis === axis ? single : null", "single ?? null"],
      ["if (indices.shape[attributes.axis] === 1)", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/indexing.ts",
    ["autograd/primitives/float32-totals.test.ts", "autograd/primitives/primitives.test.ts"],
    [["const isSingle = indices!.shape[axis] === 1;", "const isSingle = true;"]],
  ),
  ...mutationsOf(
    "autograd/src/primitives/threefry.ts",
    [random],
    [
      ["[13, 15, 26, 6, 17, 29, 16, 24]", "[13, 15, 26, 6, 17, 29, 16, 23]"],
      ["const parity = 0x1bd11bda;", "const parity = 0x1bd11bdb;"],
      ["const forSplits = 1;", "const forSplits = 0;"],
      ["schedule[(group + 1) % 3]! + group) | 0", "schedule[(group + 1) % 3]!) | 0"],
      ["(high >>> 6) * 2 ** 26 + (low >>> 6) + 0.5)", "(high >>> 6) * 2 ** 26 + (low >>> 6))"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/random.ts",
    [random],
    [["next(data[2 * k]!, data[2 * k + 1]!, i)", "next(data[2 * k + 1]!, data[2 * k]!, i)"]],
  ),
  ...mutationsOf(
    "autograd/src/tensor/own-lowering.ts",
    ["autograd/primitives/own-lowering.test.ts"],
    [
      ["first += Math.min(0, way);", ""],
      ["last < n &&", "last <= n &&"],
      ["at >= 0 && at < n", "at >= 0"],
      ["if (buffer[at] === 0) covered++;", "covered++;"],
      ["starts[axis]! + (n - 1) * steps[axis]!", "starts[axis]!"],
      ["if (dtype === output.dtype) return", "return"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/random.ts",
    [random],
    [
      ["Math.floor(seed / 2 ** 32) | 0", "Math.trunc(seed / 2 ** 32) | 0"],
      ['"float64").less(probability)', '"float32").less(probability)'],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/normal-quantile.ts",
    [random],
    [
      ["return q < 0 ? -x : x;", "return x;"],
      ["r <= 5 ? rational", "r <= 9 ? rational"],
      ["p === 0 ? -Infinity : p === 1 ? Infinity : NaN", "NaN"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/indexing.ts",
    [conventions, indexing, general],
    [
      [
        "index < -n || index >= n",
        "index <= -n || index >= n",
        "the second look, which throws, asks for itself whether there is such a place",
      ],
      ["const normal = index < 0 ? index + n : index;", "const normal = index;"],
      ["first.equal(second).or(first.add(third).equal(second))", "first.equal(second)"],
      ["if (index < -n || index >= n)", "if (index < -n || index > n)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/indexing.ts",
    ["autograd/array/creation.test.ts", "misuse/misuse.test.ts"],
    [["data[i]! >= 0 && data[i]! < classes", "data[i]! < classes"]],
  ),
  ...mutationsOf(
    "autograd/src/primitives/selection.ts",
    ["autograd/primitives/nan-order.test.ts", conventions, "autograd/compile/selection.test.ts", general],
    [
      ["if (Number.isNaN(best)) break;", ""],
      ["Number(Number.isNaN(a)) - Number(Number.isNaN(b))", "0"],
      [
        "elements.or(elements.equal(x!, spread(best, shape)), elements.notEqual(x!, x!))",
        "elements.equal(x!, spread(best, shape))",
      ],
      ["better(candidate, best) || Number.isNaN(candidate)", "better(candidate, best)"],
      ["axes.some((axis) => x.shape[axis] === 0)", "x.shape[axes[0]!] === 0"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/movement.ts",
    ["autograd/primitives/sums.test.ts", conventions, general],
    [
      ["(size - 1) * steps[axis]! + 1", "size * steps[axis]!"],
      ["data[i] === 0 ? 0 : 1", "data[i]! > 0 ? 1 : 0"],
      ["(n === 0 ? 0 : n + (n - 1) * between)", "n + (n - 1) * between"],
      ["const half = length >>> 1;", "const half = 1;"],
      [
        "x.shape[axis] === 1 && n !== 1",
        "x.shape[axis] === 1",
        "the step along an axis of size 1 is never gone",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/windows.ts",
    [compositions, general],
    [
      ["((sizes[axis]! - 1) * dilations[axis]! + 1)", "((sizes[axis]! - 1) * dilations[axis]!)"],
      ["...walk(strides), ...walk(dilations)]", "...walk(strides), ...walk(strides)]"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/padding.ts",
    [conventions, "nn/refused.test.ts", "nn/every-layer.test.ts"],
    [
      [
        "[Math.floor((span - 1) / 2), Math.ceil((span - 1) / 2)]",
        "[Math.ceil((span - 1) / 2), Math.floor((span - 1) / 2)]",
      ],
      ["n - 1 - Math.abs(n - 1 - Math.abs(i))", "n - Math.abs(n - Math.abs(i + 0.5) - 0.5) - 0.5"],
      ["(i + n) % n", "(i + n - 1) % n"],
      ["most: (n: number) => Math.max(0, n - 1)", "most: (n: number) => Math.max(0, n)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/pooling.ts",
    [conventions, "autograd/primitives/pooling.test.ts", compositions],
    [
      ["outside: (dtype) => least[dtype],", "outside: () => 0,"],
      ["options.strides ?? sizes, axes", "options.strides ?? 1, axes"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/convolution.ts",
    [conventions, "nn/every-layer.test.ts", compositions],
    [
      ["(size - 1) * dilations[axis]! + 1);", "size);"],
      ["kernel.shape[0]! / groups];", "kernel.shape[0]!];"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/transposed-convolution.ts",
    ["nn/every-layer.test.ts", "nn/refused.test.ts"],
    [
      ["n - 2 * padding[k]! + more[k]!", "n - padding[k]! + more[k]!"],
      [
        "Math.max(0, n - padding[k]!)",
        "Math.max(0, n)",
        "what is longer than the part that is taken is cut off again",
      ],
      ["(sizes[k]! - 1) * dilations[k]! + 1", "(sizes[k]! - 1) + 1"],
      ["out.some((n) => n < 1)", "out.some((n) => n < 0)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/einsum.ts",
    ["autograd/primitives/einsum.test.ts", "misuse/misuse.test.ts", compositions],
    [
      ["letter).length === 2).sort()", "letter).length === 2)"],
      ["letter).length === 2).sort()", "letter).length >= 2).sort()"],
      [
        "known !== undefined && known !== n && !broadcasts",
        "known !== undefined && known < n && !broadcasts",
      ],
      ["known === undefined || known === 1", "known === undefined"],
      ["0xe000 + count - 1 - i)", "0xe000 + i)"],
      [
        "[...others, first, second]).diagonal()",
        "[...others, first, second]).slice(...others.map(() => null), 0)",
      ],
      ["dotLetters(most) + once", "once"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/quantiles.ts",
    ["autograd/primitives/quantiles.test.ts"],
    [
      ["span.less(Infinity).select(near,", "span.less(0).select(near,"],
      ["elements.lessEqual(last, Infinity), found, last", "elements.lessEqual(found, Infinity), found, last"],
      ["[...others, ...axes]", "[...axes, ...others]"],
      ["const place = (n - 1) * q;", "const place = Math.min(n * q, n - 1);"],
      ["t < 0.5 ? nearFirst : nearSecond", "nearFirst"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/bisection.ts",
    ["autograd/primitives/parts.test.ts"],
    [
      ["elements.lessEqual(next, n)", "elements.less(next, n)"],
      ["Math.floor(Math.log2(Math.max(n, 1)))", "Math.ceil(Math.log2(Math.max(n, 1))) - 1"],
      ["elements.and(isBeforeNaN, isNumber(element))", "isBeforeNaN"],
      ['side === "left" ? elements.less(element, value)', 'side === "right" ? elements.less(element, value)'],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/portable-log.ts",
    ["autograd/primitives/draws.test.ts", "autograd/compile/random.test.ts"],
    [
      ["for (; m >= 2 * Math.SQRT1_2; m /= 2) exponent++;", ""],
      ["wide.not(isNormal)", "wide.andNot(isNormal, isNormal)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/slicing.ts",
    ["autograd/primitives/slicing.test.ts", "autograd/primitives/parts.test.ts"],
    [
      ['typeof parts[axis] !== "number"', "parts[axis] === undefined"],
      ["step }) => step - 1)", "step }) => step)"],
      ["shape[axis]! - start - spans[axis]!", "shape[axis]! - start - all[axis]!"],
      [
        "elements.select(spread(mask, x.shape), placed, x)",
        "elements.select(spread(mask, x.shape), x, placed)",
      ],
      ["!Number.isInteger(part) || start < 0 || start >= n", "!Number.isInteger(part) || start >= n"],
      [
        "Math.min(n, Math.max(0, index < 0 ? index + n : index))",
        "Math.min(n, index < 0 ? index + n : index)",
      ],
      [
        "Math.max(0, Math.ceil((bound(to ?? n) - start) / step))",
        "Math.ceil((bound(to ?? n) - start) / step)",
      ],
      ["Math.ceil((bound(to ?? n) - start) / step)", "Math.floor((bound(to ?? n) - start) / step)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/creation.ts",
    ["autograd/array/creation.test.ts", "misuse/misuse.test.ts"],
    [
      ["? nearest : Math.ceil(steps)", "? nearest : Math.floor(steps)"],
      ["i === n - 1 ? stop : ", ""],
      ["truths > 0 && truths === elements.length", "truths > 0"],
      [".find((value) => value > 1)", ".find((value) => value > 2)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/cell.ts",
    [
      "autograd/differentiate/recording.test.ts",
      "autograd/differentiate/transforms.test.ts",
      "autograd/array/creation.test.ts",
    ],
    [
      ["now.grad === null ? gradient : algebraOf(gradient).plus(now.grad, gradient)", "gradient"],
      ["now.grad = null;\n    if (now === this.#state)", "if (now === this.#state)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/running.ts",
    ["autograd/primitives/running.test.ts", "autograd/compile/rows.test.ts", general],
    [
      ["reverse: !attributes.reverse", "reverse: attributes.reverse"],
      ["? Math.imul :", "? (s, x) => s * x :"],
      [
        "const fresh = elements.gate(tangent, before(output, attributes.axis, 1));",
        "const fresh = elements.gate(tangent, output);",
      ],
      ["elements.gate(before(summand, axis, 0), output)", "elements.gate(summand, output)"],
      [
        "elements.or(elements.equal(last, output), elements.notEqual(last, last))",
        "elements.equal(last, output)",
      ],
      ['dtype === "float64" ? x : apply(cast, [x], { dtype: "float64" })', "x"],
      ["(s === 0 || a === 0 ? 0 : s * a)", "s * a"],
    ],
  ),
];
