// What random programs are made of: every entry of the elementwise vocabulary, and calls of the public methods and functions
// that reach every primitive of the table. One of the few places outside primitives/ that names operations.

import { broadcastShapes, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { functionOf } from "../expression/elementwise-function.ts";
import { isAtom, vocabulary } from "../expression/vocabulary.ts";
import { convolution } from "../tensor/convolution.ts";
import { concat, stack, tensor, where } from "../tensor/creation.ts";
import { einsum } from "../tensor/einsum.ts";
import { guarded } from "../tensor/guarded.ts";
import { segmentSum } from "../tensor/lookup.ts";
import { diag } from "../tensor/patterns.ts";
import { averagePool, maxPool } from "../tensor/pooling.ts";
import type { AxisSlice } from "../tensor/slicing.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Dice } from "./dice.ts";
import {
  type Argument,
  type Kind,
  type Operation,
  type Request,
  type Surroundings,
  slot,
} from "./drawn-program.ts";
import type { Between } from "./numbers.ts";
import { structures } from "./structures.ts";

type Ask = Operation["ask"];
type AskShape = (shape: Shape, dice: Dice) => readonly Argument[] | null;

/** A method of the first operand. */
function method(name: string, operands: readonly Kind[], ask: Ask, within?: Operation["within"]): Operation {
  return {
    name,
    operands,
    ask,
    ...(within === undefined ? {} : { within }),
    call: ([first], args) =>
      (first as unknown as Record<string, (...args: readonly unknown[]) => Tensor>)[name]!(...args),
    code: ([first], args) => `${first}.${name}(${args.join(", ")})`,
  };
}

/** A function of the public entry point. Its operands stand among the arguments. */
function func(name: string, run: unknown, operands: readonly Kind[], ask: Ask): Operation {
  return {
    name,
    operands,
    ask,
    call: (_, args) => (run as (...args: readonly unknown[]) => Tensor)(...args),
    code: (_, args) => `${name}(${args.join(", ")})`,
    uses: [name],
  };
}

/** A method of one operand whose arguments follow from its shape. */
const shaped = (name: string, ask: AskShape, kind: Kind = "float"): Operation =>
  method(name, [kind], (first, { dice }) => {
    const args = ask(first.shape, dice);
    return args === null ? null : { others: [], args };
  });

// ── Elementwise ───────────────────────────────────────────────────────────────────────────────────────────────────

const plainNumbers = [0, 1, -1, 2, 0.5, 0.3, -1.7, 3];

/** A shape that broadcasts with another: an existing one, or the same with axes narrowed, dropped or added in front. */
function broadcastPartner(shape: Shape, { dice, shapes }: Surroundings): Shape {
  const fitting = shapes.filter((each) => broadcasts(shape, each));
  if (fitting.length > 0 && dice.chance(0.8)) return dice.pick(fitting);
  const narrowed = shape.map((n) => (dice.chance(0.3) ? 1 : n));
  if (dice.chance(0.2)) return narrowed.slice(dice.below(narrowed.length + 1));
  return narrowed.length < 3 && dice.chance(0.15) ? [dice.from(1, 2), ...narrowed] : narrowed;
}

function broadcasts(a: Shape, b: Shape): boolean {
  try {
    broadcastShapes("", a, b);
    return true;
  } catch {
    return false;
  }
}

const elementwise: readonly Operation[] = vocabulary.flatMap((entry) => {
  const { name, arity } = entry;
  const kinds = functionOf(entry).signature.operands.map(
    (kind): Kind => (kind === "bool" ? "bool" : "float"),
  );
  const smoothOn = isAtom(entry) ? (entry.smoothOn as readonly Between[] | undefined) : undefined;
  const others = Array.from({ length: arity - 1 }, (_, i) => i + 1);
  const ofTensors = method(
    name,
    kinds,
    (first, around) => ({
      others: others.map(() => broadcastPartner(first.shape, around)),
      args: others.map(slot),
    }),
    smoothOn,
  );
  // Numbers chosen by a truth value would be float32 whatever the program's type.
  if (others.length === 0 || kinds.includes("bool")) return [ofTensors];
  const ofNumbers = method(
    name,
    kinds.slice(0, 1),
    (_, { dice }) => ({ others: [], args: others.map(() => dice.pick(plainNumbers)) }),
    smoothOn,
  );
  return [ofTensors, ofNumbers];
});

// ── Reductions and order ──────────────────────────────────────────────────────────────────────────────────────────

const axesOf = (shape: Shape) => shape.map((_, axis) => axis);
const anyAxis = (shape: Shape, dice: Dice) =>
  dice.below(shape.length) - (dice.chance(0.3) ? shape.length : 0);
const options = (fields: { readonly [name: string]: Argument }): Argument[] =>
  Object.keys(fields).length === 0 ? [] : [fields];

/** All axes, one, or some; kept or not. */
const reduced =
  (extra: (dice: Dice) => { readonly [name: string]: Argument } = () => ({})): AskShape =>
  (shape, dice) => {
    const axis =
      shape.length === 0 || dice.chance(0.2)
        ? {}
        : { axis: dice.chance(0.6) ? anyAxis(shape, dice) : dice.some(axesOf(shape)) };
    return options({ ...axis, ...(dice.chance(0.3) ? { keepDims: true } : {}), ...extra(dice) });
  };

/** For shapes with elements only. */
const filledOnly =
  (ask: AskShape): AskShape =>
  (shape, dice) =>
    sizeOf(shape) === 0 ? null : ask(shape, dice);

const alongOne =
  (extra: (dice: Dice) => { readonly [name: string]: Argument } = () => ({})): AskShape =>
  (shape, dice) =>
    shape.length === 0 ? null : options({ axis: anyAxis(shape, dice), ...extra(dice) });

const reductions: readonly Operation[] = [
  shaped("sum", reduced()),
  shaped("mean", reduced()),
  shaped("max", reduced()),
  shaped("min", reduced()),
  shaped("prod", reduced()),
  shaped("median", filledOnly(reduced())),
  shaped(
    "quantile",
    filledOnly((shape, dice) => [dice.pick([0, 0.3, 0.5, 0.8, 1]), ...(reduced()(shape, dice) ?? [])]),
  ),
  shaped(
    "variance",
    reduced((dice) => ({ correction: dice.below(2) })),
  ),
  shaped(
    "std",
    reduced((dice) => ({ correction: dice.below(2) })),
  ),
  shaped(
    "norm",
    reduced(
      (dice) =>
        (dice.chance(0.5) ? { ord: dice.pick([1, 2, 3, 1.5, Infinity, -Infinity]) } : {}) as {
          [name: string]: Argument;
        },
    ),
  ),
  shaped("any", reduced()),
  shaped("all", reduced()),
  shaped("countNonZero", reduced()),
  shaped("logSumExp", reduced()),
  shaped("softmax", alongOne()),
  shaped("logSoftmax", alongOne()),
  ...["cumsum", "cumprod", "cummax", "logCumSumExp"].map((name) =>
    shaped(
      name,
      alongOne((dice): { [name: string]: Argument } => (dice.chance(0.5) ? { reverse: true } : {})),
    ),
  ),
  shaped(
    "sort",
    alongOne((dice): { [name: string]: Argument } => (dice.chance(0.5) ? { descending: true } : {})),
  ),
  shaped("argsort", alongOne()),
  shaped("argmax", alongOne()),
  shaped("argmin", alongOne()),
];

// ── Movement ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** The same number of elements in other axes. */
function otherShape(shape: Shape, dice: Dice): Shape {
  let rest = sizeOf(shape);
  if (rest === 0) return [...shape].reverse();
  const sizes: number[] = [];
  while (rest > 1 && sizes.length < 2) {
    const divisors = Array.from({ length: rest }, (_, i) => i + 1).filter((n) => rest % n === 0);
    const n = dice.pick(divisors);
    sizes.push(n);
    rest /= n;
  }
  return dice.shuffled(rest > 1 || sizes.length === 0 ? [...sizes, rest] : sizes);
}

const wider: AskShape = (shape, dice) => {
  if (shape.length > 2 && !shape.includes(1)) return null;
  const wide = shape.map((n) => (n === 1 && dice.chance(0.7) ? dice.from(1, 3) : n));
  return [shape.length < 3 && dice.chance(0.5) ? [dice.from(1, 3), ...wide] : wide];
};

const narrower: AskShape = (shape, dice) => {
  const narrow = shape.map((n) => (dice.chance(0.5) ? 1 : n));
  return [dice.chance(0.4) ? narrow.slice(dice.below(narrow.length + 1)) : narrow];
};

const part = (n: number, dice: Dice): Argument => {
  if (n > 0 && dice.chance(0.3)) return dice.below(n) - (dice.chance(0.3) ? n : 0);
  const start = dice.below(n + 1);
  return [start, dice.from(start, n), dice.from(1, 2)];
};

const windowed =
  (leading: number): AskShape =>
  (shape, dice) => {
    const axes = Math.min(shape.length - leading, dice.from(1, 2));
    if (axes < 1) return null;
    const last = shape.slice(shape.length - axes);
    const sizes = last.map((n) => dice.from(1, Math.max(1, Math.min(2, n))));
    return [
      {
        sizes,
        strides: sizes.map(() => dice.from(1, 2)),
        dilations: last.map((n, i) => (sizes[i]! > 1 && n >= 3 ? dice.from(1, 2) : 1)),
      },
    ];
  };

const movements: readonly Operation[] = [
  shaped("reshape", (shape, dice) => [otherShape(shape, dice)]),
  shaped("flatten", () => []),
  shaped("permute", (shape, dice) => [dice.shuffled(axesOf(shape))]),
  shaped("transpose", () => []),
  shaped("swapLastAxes", (shape) => (shape.length < 2 ? null : [])),
  shaped("squeeze", () => []),
  shaped("expandDims", (shape, dice) => (shape.length > 2 ? null : [dice.below(shape.length + 1)])),
  shaped("broadcastTo", wider),
  shaped("sumTo", narrower),
  shaped("slice", (shape, dice) => shape.slice(0, dice.below(shape.length + 1)).map((n) => part(n, dice))),
  shaped("flip", (shape, dice) => options(dice.chance(0.3) ? {} : { axis: dice.some(axesOf(shape)) })),
  shaped("pad", (shape, dice) => [
    shape.map(() => [dice.below(2), dice.below(2)]),
    ...(dice.chance(0.3) ? [{ value: dice.pick([1, -1, 0.5]) }] : []),
  ]),
  shaped("windows", windowed(0)),
  shaped("tile", (shape, dice) => (shape.length > 2 ? null : [shape.map(() => dice.from(1, 2))])),
  shaped("repeat", (shape, dice) =>
    shape.length === 0
      ? null
      : [dice.from(1, 2), ...options(dice.chance(0.3) ? {} : { axis: anyAxis(shape, dice) })],
  ),
  shaped("roll", (shape, dice) => [
    dice.from(-2, 2),
    ...options(shape.length === 0 || dice.chance(0.3) ? {} : { axis: anyAxis(shape, dice) }),
  ]),
  shaped(
    "diff",
    alongOne((dice): { [name: string]: Argument } => (dice.chance(0.3) ? { n: 2 } : {})),
  ),
  shaped("swapAxes", (shape, dice) =>
    shape.length === 0 ? null : [anyAxis(shape, dice), anyAxis(shape, dice)],
  ),
  shaped("moveAxis", (shape, dice) =>
    shape.length === 0 ? null : [anyAxis(shape, dice), anyAxis(shape, dice)],
  ),
  shaped("tril", (shape, dice) => (shape.length < 2 ? null : [dice.from(-1, 1)])),
  shaped("triu", (shape, dice) => (shape.length < 2 ? null : [dice.from(-1, 1)])),
  shaped("diagonal", (shape, dice) =>
    shape.length < 2 ? null : options(dice.chance(0.5) ? {} : { offset: dice.from(-1, 1) }),
  ),
  shaped("trace", (shape) => (shape.length < 2 ? null : [])),
];

// ── Indexing ──────────────────────────────────────────────────────────────────────────────────────────────────────

function indices(shape: Shape, n: number, dice: Dice): Tensor {
  const values = Array.from({ length: sizeOf(shape) }, () => dice.below(n) - (dice.chance(0.2) ? n : 0));
  return tensor(values, { dtype: "int32", shape });
}

/** Indices into an axis, of any shape. */
const indexed =
  (ask: (shape: Shape, axis: number, dice: Dice) => Argument[]): AskShape =>
  (shape, dice) => {
    if (shape.length === 0) return null;
    const axis = dice.below(shape.length);
    return shape[axis] === 0 ? null : ask(shape, axis, dice);
  };

/** `x.at(...parts).set(v)` or `.add(v)`, where v has the part's shape or is a number. */
const replacing = (does: "set" | "add"): Operation => ({
  name: `at.${does}`,
  operands: ["float", "float"],
  ask({ shape }, { dice }) {
    const parts = shape.slice(0, dice.below(shape.length + 1)).map((n) => part(n, dice));
    const read: Tensor = tensor(0).broadcastTo(shape);
    return { others: [read.slice(...(parts as readonly AxisSlice[])).shape], args: parts };
  },
  call: ([x, v], parts) => x!.at(...(parts as readonly AxisSlice[]))[does](v!),
  code: ([x, v], parts) => `${x}.at(${parts.join(", ")}).${does}(${v})`,
});

const masking: Operation = {
  name: "at.set",
  operands: ["float", "bool", "float"],
  ask: ({ shape }) => ({ others: [shape, shape], args: [] }),
  call: ([x, mask, v]) => x!.at(mask!).set(v!),
  code: ([x, mask, v]) => `${x}.at(${mask}).set(${v})`,
};

const indexing: readonly Operation[] = [
  replacing("set"),
  replacing("add"),
  masking,
  func("diag", diag, ["float"], ({ shape }, { dice }) =>
    shape.length === 1
      ? { others: [], args: [slot(0), ...options(dice.chance(0.5) ? {} : { offset: dice.from(-1, 1) })] }
      : null,
  ),
  func("segmentSum", segmentSum, ["float"], ({ shape }, { dice }) => {
    if (shape.length === 0) return null;
    const n = dice.from(1, 3);
    const ids = Array.from({ length: shape[0]! }, () => dice.below(n));
    return { others: [], args: [slot(0), tensor(ids, { dtype: "int32", shape: [ids.length] }), n] };
  }),
  shaped(
    "gather",
    indexed((shape, axis, dice) => {
      const of = dice.pick([[1], [2], [3], [2, 2], []].slice(0, shape.length > 2 ? 3 : 5));
      return [indices(of, shape[axis]!, dice), { axis }];
    }),
  ),
  shaped(
    "takeAlongAxis",
    indexed((shape, axis, dice) => [
      indices(shape.with(axis, dice.from(1, 3)), shape[axis]!, dice),
      { axis },
    ]),
  ),
  method("takeAlongAxis", ["float", "int32"], ({ shape }, { dice }) =>
    shape.length === 0 ? null : { others: [shape], args: [slot(1), { axis: dice.below(shape.length) }] },
  ),
  shaped(
    "scatterAdd",
    indexed((shape, axis, dice) => {
      const n = dice.from(1, 3);
      return [indices(shape, n, dice), { axis, shape: shape.with(axis, n) }];
    }),
  ),
];

// ── Products, joins, choices ──────────────────────────────────────────────────────────────────────────────────────

const letters = "ijklm";

const contraction: Ask = ({ shape }, { dice, shapes }) => {
  const [own] = [letters.slice(0, shape.length)];
  const other = dice.chance(0.5) && shapes.length > 0 ? dice.pick(shapes) : null;
  // Axes of equal size are multiplied together where possible.
  const theirs: string[] = [];
  const sizes: number[] = [];
  const fresh = [...letters.slice(shape.length)];
  for (const n of other ?? Array.from({ length: dice.below(3) }, () => 0)) {
    const shared = [...own].filter(
      (letter, axis) => !theirs.includes(letter) && (other === null || shape[axis] === n),
    );
    const letter = shared.length > 0 && dice.chance(0.7) ? dice.pick(shared) : fresh.shift();
    if (letter === undefined) return null;
    theirs.push(letter);
    const axis = own.indexOf(letter);
    sizes.push(axis >= 0 ? shape[axis]! : other === null ? dice.from(1, 3) : n);
  }
  const result = dice.shuffled(dice.some([...new Set([...own, ...theirs])])).slice(0, 3);
  return {
    others: [sizes],
    args: [`${own},${theirs.join("")}->${result.join("")}`, slot(0), slot(1)],
  };
};

const product: Ask = ({ shape }, around) => {
  if (shape.length === 0) return null;
  const { dice, shapes } = around;
  const inner = shape.at(-1)!;
  const fitting = shapes.filter((each) => (each.length === 1 ? each[0] : each.at(-2)) === inner);
  if (fitting.length > 0 && dice.chance(0.6)) return { others: [dice.pick(fitting)], args: [slot(1)] };
  const matrix = [inner, dice.from(1, 3)];
  const batch = shape.slice(0, -2).map((n) => (dice.chance(0.3) ? 1 : n));
  return { others: [dice.pick([[inner], matrix, [...batch, ...matrix]])], args: [slot(1)] };
};

const kernel: Ask = ({ shape }, { dice }) => {
  if (shape.length < 3) return null;
  const window = shape.slice(2).map((n) => dice.from(1, Math.max(1, Math.min(2, n))));
  const padding = dice.pick<Argument>(["valid", "same", 1]);
  return {
    others: [[dice.from(1, 2), shape[1]!, ...window]],
    args: [slot(0), slot(1), { strides: dice.from(1, 2), padding }],
  };
};

const pooled: Ask = ({ shape }, { dice }) => {
  if (shape.length < 1) return null;
  const sizes = [dice.from(1, Math.max(1, Math.min(3, shape.at(-1)!)))];
  return { others: [], args: [slot(0), sizes, ...options(dice.chance(0.5) ? { strides: 1 } : {})] };
};

const joined =
  (other: (shape: Shape, axis: number, dice: Dice) => Shape, extraAxis: number): Ask =>
  ({ shape }, { dice }) => {
    const rank = shape.length + extraAxis;
    if (rank === 0) return null;
    const axis = dice.below(rank);
    const others = Array.from({ length: dice.from(0, 2) }, () => other(shape, axis, dice));
    return { others, args: [[slot(0), ...others.map((_, i) => slot(i + 1))], { axis }] };
  };

const chosen: Ask = ({ shape }, around): Request => {
  const shapes = [broadcastPartner(shape, around), broadcastPartner(shape, around)];
  return { others: shapes, args: [slot(0), slot(1), slot(2)] };
};

const joining: readonly Operation[] = [
  method("matmul", ["float", "float"], product),
  method("dot", ["float", "float"], ({ shape }) =>
    shape.length === 1 ? { others: [shape], args: [slot(1)] } : null,
  ),
  func("einsum", einsum, ["float", "float"], contraction),
  func("einsum", einsum, ["float", "float"], (first, around) => {
    const { shape } = first;
    if (shape.length === 0) return null;
    const other = broadcastPartner(shape.slice(0, -1), around);
    return { others: [[...other, shape.at(-1)!]], args: ["...i,...i->...", slot(0), slot(1)] };
  }),
  func("einsum", einsum, ["float"], ({ shape }, { dice }) => {
    if (shape.length < 2 || shape.at(-1) !== shape.at(-2)) return null;
    return { others: [], args: [dice.pick(["...ii->...i", "...ii", "...ii->i..."]), slot(0)] };
  }),
  func("convolution", convolution, ["float", "float"], kernel),
  func("maxPool", maxPool, ["float"], pooled),
  func("averagePool", averagePool, ["float"], pooled),
  func(
    "concat",
    concat,
    ["float"],
    joined((shape, axis, dice) => shape.with(axis, dice.from(1, 2)), 0),
  ),
  func(
    "stack",
    stack,
    ["float"],
    joined((shape) => shape, 1),
  ),
  func("where", where, ["bool", "float", "float"], chosen),
];

// A cast of a float would be a step function, or end the path of derivatives. One to float32 does nothing once the program
// runs in float64.
const casts: readonly Operation[] = (["bool", "int32"] as const).map((kind) =>
  method("cast", [kind], (_, { dtype }) => (dtype === "float64" ? { others: [], args: [dtype] } : null)),
);

const allowed = () => {};
/** A check that allows all numbers. */
const looks: readonly Operation[] = [
  {
    name: "guarded",
    operands: ["float"],
    ask: () => ({ others: [], args: [] }),
    call: ([first]) => guarded(first!, allowed),
    code: ([first]) => `guarded(${first}, () => {})`,
    uses: ["guarded"],
  },
];

const moves = [...movements, ...indexing];
const joins = [...joining, ...casts, ...looks];

/** The families, each as often as it is drawn: functions called through structures cost the most, and one program has several steps. */
export const families: readonly (readonly Operation[])[] = [
  ...new Array<readonly Operation[]>(6).fill(elementwise),
  ...[reductions, reductions, moves, moves, joins, joins],
  structures,
];

export const operations: readonly Operation[] = [...new Set(families.flat())];

const named = (name: string, count: number): Operation =>
  operations.find((each) => each.name === name && each.operands.length === count)!;

/** What maps any number into a half-open interval: softplus, then a shift. */
export const guards: { readonly positive: Operation; readonly shift: Operation; readonly flip: Operation } = {
  positive: named("softplus", 1),
  shift: named("add", 1),
  flip: named("neg", 1),
};

/** What makes truth values, where an operation asks for them and there are none. */
export const comparisons: readonly Operation[] = elementwise.filter(
  (each) =>
    !each.operands.includes("bool") &&
    vocabulary.some((entry) => entry.name === each.name && functionOf(entry).signature.result === "bool"),
);
export const orderings: readonly Operation[] = [named("argsort", 1)];
