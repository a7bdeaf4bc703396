import { type Mutation, mutationsOf } from "./mutation.ts";

export const expression: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/expression/atoms/arithmetic.ts",
    ["autograd/expression/activation.test.ts", "autograd/expression/atoms.test.ts"],
    [
      ["(y === 0 || (a === 0 && b === 0) ? 0", "(y === 0 ? 0"],
      ["(a === 0 || b === 0 ? 0 : a * b)", "(b === 0 ? 0 : a * b)"],
      ["kinks: (_a, b) => [b],", "kinks: (a, _b) => [a],"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/atoms/piecewise.ts",
    [
      "autograd/expression/atoms.test.ts",
      "autograd/kernels/elementary-operations.test.ts",
      "autograd/kernels/loops-edges.test.ts",
    ],
    [
      ["l.isLess(l.constant(0), l.abs(x))", "l.isLessEqual(l.constant(0), l.abs(x))"],
      ["l.or(l.and(p, q), l.isNotEqual(p, q))", "l.or(p, q)"],
      ["l.or(l.lesser(a, b), l.lesser(b, a))", "l.lesser(a, b)"],
      ['a.kind === "mask" ? lanes(l, b, a) : lanes(l, a, b)', "lanes(l, a, b)"],
      ["wins.select(ties.select(0.5, 1), 0)", "wins.select(1, 0)"],
      ["x.sub(x.add(0.5).floor())", "x.sub(x.floor())"],
      ["(a !== 0 || b !== 0 ? 1 : 0)", "(a !== 0 ? 1 : 0)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/atoms/rounding.ts",
    [
      "autograd/expression/edges.test.ts",
      "autograd/kernels/elementary-operations.test.ts",
      "autograd/primitives/rounding-and-logic.test.ts",
    ],
    [
      ["2 * Math.round(x / 2)", "Math.round(x)"],
      ["return b < 0 ? -0 : 0;", "return 0;"],
      ["LARGEST_QUOTIENT = 2 ** 24", "LARGEST_QUOTIENT = 2 ** 34"],
      ["LARGEST_OPERAND = 2 ** 1000", "LARGEST_OPERAND = Infinity"],
      [".floor().maximum(1)", ".floor()"],
      ["y.sub(a).div(b).round()", "a.div(b).floor()"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/atoms/gamma.ts",
    ["autograd/expression/special-functions.test.ts"],
    [
      ["y - ZERO - ZERO_REST", "y - ZERO"],
      ["- 0.5 + rest);", "- 0.5);"],
      ["a ** (1 - s) / (s - 1)", "(a * a ** -s) / (s - 1)"],
      ["power * coefficient * Math.PI ** 2", "power * coefficient * Math.PI"],
      ["isOdd ? Infinity : -1 / x", "Infinity"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/atoms/erf-inv.ts",
    ["autograd/expression/special-functions.test.ts"],
    [
      ["x -= newton", "x += newton"],
      ["step < 3", "step < 2"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/lanes/erfc.ts",
    ["autograd/kernels/elementary.test.ts"],
    [
      ["l.sub(twice, l.sub(sumHigh, one))", "l.constant(0)"],
      ["const z = upper(x);", "const z = x;"],
      ["end: 27.3,", "end: 26.5,"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/lanes/inverse-circular.ts",
    ["autograd/kernels/elementary.test.ts"],
    [
      ["l.mul(low, l.constant(16 / 7))", "l.mul(low, l.constant(7 / 16))"],
      ["l.or(isFar, l.isEqual(larger, zero))", "isFar"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/lanes/inverse-hyperbolic.ts",
    ["autograd/kernels/elementary.test.ts"],
    [
      ["l.andNot(rest, isLarge)", "rest"],
      ["l.or(withSign(l, half, x), l.isLess(one, size))", "withSign(l, half, x)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/lanes/logarithm-base.ts",
    ["autograd/kernels/elementary.test.ts"],
    [["l.and(l.isEqual(a, l.constant(0)), l.isEqual(b, b))", "l.isEqual(a, l.constant(0))"]],
  ),
  ...mutationsOf(
    "autograd/src/expression/lanes/plane.ts",
    ["autograd/kernels/elementary.test.ts"],
    [["[l.isLess(l.constant(FAR), larger)", "[l.isLess(l.constant(Infinity), larger)"]],
  ),
  ...mutationsOf(
    "autograd/src/expression/atoms/plane.ts",
    ["autograd/expression/elementary.test.ts", "autograd/expression/atoms.test.ts"],
    [
      ["b.applied(directionCosine, a).square()", "y.square().neg().add(1)"],
      ["x.less(0).select(y, y.hypot(x))", "y.hypot(x)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/atoms/inverse.ts",
    ["autograd/expression/elementary.test.ts"],
    [
      ["(x) => x.mul(-2)", "(x) => x.neg().add(1).sub(x.add(1))"],
      ["x.hypot(1).reciprocal().square()", "x.square().add(1).reciprocal()"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/atoms/exponential.ts",
    ["autograd/expression/edges.test.ts"],
    [["a.gate(b.reciprocal())", "a.div(b)"]],
  ),
  ...mutationsOf(
    "autograd/src/expression/compounds.ts",
    ["autograd/primitives/conventions.test.ts", "autograd/primitives/rounding-and-logic.test.ts"],
    [
      ["p.or(q).and(p.and(q).not())", "p.or(q)"],
      ["x.equal(low).select(low, x), x)", "low, x)"],
      ["x.lessEqual(0).select(0, x)", "x.less(0).select(0, x)"],
      ["x.greater(high).select(", "x.greaterEqual(high).select("],
      ["low.equal(high).select(x.equal(low).select(low, x), x)", "x"],
      ["x.less(low).select(low, x", "x.lessEqual(low).select(low, x"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/simplify.ts",
    [
      "autograd/expression/algebra.test.ts",
      "autograd/expression/edges.test.ts",
      "autograd/expression/depth.test.ts",
      "autograd/expression/tails.test.ts",
    ],
    [
      ["times(0.5, A.erfc, -1)", "times(1, A.erfc, -1)"],
      ["if (rest !== second.rest) return null;", ""],
      ["(otherSign * second.factor) / (oneSign * factor)", "second.factor / factor"],
      ["b!.constant % 2 === 0 ?", "b!.constant % 1 === 0 ?"],
      ["const DEEPEST = 100;", "const DEEPEST = 1e9;"],
      ['Object.is(value, -0) ? "-0" : value', "value"],
      ["atom.commutative ? this.#canonical(operands) : operands", "operands"],
      [
        "node.isConstant && Object.is(node.constant, value)",
        "node.isConstant && node.constant === value",
        "0 is asked for as an exponent alone, and x to the power of −0 is 1 as well",
      ],
      ["return inRange(c * d) || !inRange(c) || !inRange(d) ? c * d : null;", "return c * d;"],
      ["b.atom !== A.select || a.operands[0] !== b.operands[0]", "b.atom !== A.select"],
      ["[again(a!, 1), again(b!, 2)]", "[again(a!, 2), again(b!, 1)]"],
      ["mayBeShut(outer) || mayBeShut(inner) ? A.gate", "mayBeShut(outer) ? A.gate"],
      ["one.isConstant && Number.isFinite(one.constant)", "one.isConstant"],
      ["if (operandOf(a!, A.exp) === exponent)", "if (operandOf(a!, A.exp) !== null)"],
      [
        "build.apply(A.sub, [x!.operands[1]!, x!.operands[0]!])",
        "build.apply(A.sub, [x!.operands[0]!, x!.operands[1]!])",
      ],
      ["if (isZero(a!)) return build.apply(A.neg, [b!]);", "if (isZero(a!)) return b!;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/to-function.ts",
    [
      "autograd/expression/algebra.test.ts",
      "autograd/expression/edges.test.ts",
      "autograd/scalar/without-code.test.ts",
    ],
    [
      ['if (Object.is(value, -0)) return "(-0)";', ""],
      [
        "return value < 0 ? ",
        "return false ? ",
        "an operator stands between spaces, and a − -1 is what a − (-1) is",
      ],
      ["if (input >= 0) values[i] = inputs[input]!;", "if (input > 0) values[i] = inputs[input]!;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/text.ts",
    [
      "autograd/expression/algebra.test.ts",
      "autograd/expression/edges.test.ts",
      "autograd/expression/activation.test.ts",
    ],
    [
      ["power > 0 && commutative ? power : power + 1", "power"],
      ["held(piece, piece.leadsWithSign ? 4 : power)", "held(piece, power)"],
      ["uses.get(node)! < 2 ||", "uses.get(node)! < 3 ||"],
      ["value < 0 || Object.is(value, -0)", "value < 0"],
      ["power === 0 ? 1 : power);", "power);"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/elementwise-function.ts",
    [
      "autograd/expression/activation.test.ts",
      "autograd/primitives/conventions.test.ts",
      "autograd/expression/edges.test.ts",
      "autograd/expression/algebra.test.ts",
      "autograd/expression/int32.test.ts",
    ],
    [
      ['(kind === "number" && strictest === "any")', 'kind === "number"'],
      ["operands.join()", '""'],
      ["if (!simple.isConstant) conditions.add(simple);", "conditions.add(simple);"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/expression/activation.ts",
    ["autograd/expression/activation.test.ts"],
    [
      [" || kinkConditions(condition).length > 0", ""],
      ["-atZero / slope.constant + 0", "-atZero / slope.constant", "a Set keeps 0 in place of −0"],
      ["return [...kinks].sort((a, b) => a - b);", "return [...kinks];"],
    ],
  ),
];
