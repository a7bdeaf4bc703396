// What must hold of every primitive. Each property is a sentence and a check that throws where it does not hold;
// primitives.test.ts puts them to the table, mutations.test.ts to broken rules, which must not get through.

import { type DType, jvp, stack, type Tensor, vjp, vmap } from "@adjoint/autograd";
import fc from "fast-check";
import type { NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import { apply } from "../../../packages/autograd/src/tape/apply.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import { checkDerivatives, demand, randomLike, type TensorFunction } from "../../support/derivatives.ts";
import { describeOne, evaluateOne } from "../../support/primitives.ts";
import {
  arrayOf,
  count,
  Dice,
  digits,
  edgeNumbers,
  elements,
  flat,
  laidOutOtherwise,
  numbers,
  places,
  same,
  seeds,
  spread,
  stretched,
  tensorOf,
  ulp32,
} from "../../support/tensors.ts";
import type { Case, Instance, OperandSpec } from "./cases.ts";

/** What a property is put to: a primitive, operands that fit it, and a seed for their numbers. */
export interface Trial {
  readonly primitive: Primitive;
  readonly stated: Case;
  readonly instance: Instance;
  readonly seed: number;
}

export interface Property {
  /** Goes on after the primitive's name. */
  readonly sentence: string;
  check(trial: Trial): void;
}

type Draw = (n: number, dice: Dice) => number[];

const floatTypes: readonly DType[] = ["float32", "float64"];

function operandOf(spec: OperandSpec, dtype: DType, draw: Draw, dice: Dice): NDArray {
  const { shape, kind, values, moved = (x: number) => x } = spec;
  const n = count(shape);
  if (values !== undefined) return arrayOf(values, shape, kind ?? dtype);
  if (kind === "bool")
    return arrayOf(
      Array.from({ length: n }, () => dice.below(2)),
      shape,
      kind,
    );
  return arrayOf(draw(n, dice).map(moved), shape, kind ?? dtype);
}

/** Numbers that no two operands share, so that functions of several never tie. */
const operandsOf = ({ instance, seed }: Trial, dtype: DType, draw: Draw): NDArray[] => {
  const dice = new Dice(seed);
  return instance.operands.map((spec, k) =>
    operandOf(spec, dtype, draw === spread ? (n, d) => spread(n, d).map((x) => x + k / 64) : draw, dice),
  );
};

const evaluated = ({ primitive, instance: { attributes } }: Trial, operands: readonly NDArray[]): NDArray =>
  evaluateOne(primitive, operands, attributes);

const isFloat = (dtype: DType) => dtype === "float32" || dtype === "float64";

/** The primitive as a function of its float operands, in place of those given. */
function asFunction({ primitive, instance: { attributes } }: Trial, operands: readonly Tensor[]) {
  const moving = operands.flatMap((operand, i) => (isFloat(operand.dtype) ? [i] : []));
  const f: TensorFunction = (given) => {
    const full = [...operands];
    moving.forEach((i, k) => {
      full[i] = given[k]!;
    });
    return [apply(primitive, full, attributes) as Tensor];
  };
  return { f, point: moving.map((i) => operands[i]!) };
}

/** Numbers as an array like another would hold them: float32 rounds to nearest, int32 drops the fraction. */
const stored = (values: readonly number[], like: NDArray): number[] =>
  elements(arrayOf(values, like.shape, like.dtype));

const tensorsOf = (arrays: readonly NDArray[]) =>
  arrays.map((array) => tensorOf(elements(array), array.shape, array.dtype));

function sameBits(what: string, actual: readonly number[], expected: readonly number[]): void {
  demand(
    actual.length === expected.length,
    `${what}: ${actual.length} elements, expected ${expected.length}`,
  );
  actual.forEach((x, i) => {
    demand(Object.is(x, expected[i]), `${what}: element ${i} is ${x}, expected ${expected[i]}`);
  });
}

const givesPlainLoopValues: Property = {
  sentence: "gives what plain loops give, at ties, zeros, infinities and NaN too",
  check(trial) {
    const { element, signlessZero = false } = trial.stated;
    if (element === undefined) return;
    // What is rounded inside shows in numbers of many digits alone.
    const roundsInside = trial.stated.roundsInside?.(trial.instance) === true;
    for (const dtype of floatTypes) {
      for (const draw of [spread, edgeNumbers, ...(roundsInside ? [digits] : [])]) {
        const operands = operandsOf(trial, dtype, draw);
        const numbersOf = operands.map(elements);
        const read = (k: number, place: readonly number[]) => numbersOf[k]![flat(place, operands[k]!.shape)]!;
        const result = evaluated(trial, operands);
        const round = dtype === "float32" ? Math.fround : (x: number) => x;
        const expected = places(result.shape).map((place) => element(read, place, trial.instance, round));
        const rounded = stored(expected, result);
        const plus0 = (list: number[]) => (signlessZero ? list.map((x) => x + 0) : list);
        sameBits(dtype, plus0(elements(result)), plus0(rounded));
      }
    }
  },
};

const describesItsResult: Property = {
  sentence: "has the shape and type that its shape rule says",
  check(trial) {
    const { primitive, instance } = trial;
    for (const dtype of floatTypes) {
      const operands = operandsOf(trial, dtype, spread);
      const described = describeOne(
        primitive,
        operands.map(({ shape, dtype: type }) => ({ shape, dtype: type })),
        instance.attributes,
      );
      const result = evaluateOne(primitive, operands, instance.attributes, described);
      const applied = apply(primitive, tensorsOf(operands), instance.attributes);
      const text = (shape: readonly number[]) => `[${shape.join(", ")}]`;
      for (const { shape, dtype: type } of [result, applied]) {
        demand(
          text(shape) === text(described.shape),
          `says ${text(described.shape)} and gives ${text(shape)}`,
        );
        demand(type === described.dtype, `says ${described.dtype} and gives ${type}`);
      }
      if (instance.shape !== undefined)
        demand(
          text(described.shape) === text(instance.shape),
          `says ${text(described.shape)}, expected ${text(instance.shape)}`,
        );
    }
  },
};

const ignoresLayout: Property = {
  sentence: "gives the same bits however its operands lie in memory, and writes into none of them",
  check(trial) {
    const dice = new Dice(~trial.seed);
    for (const dtype of floatTypes) {
      const plain = operandsOf(trial, dtype, spread);
      for (const views of [
        plain.map((operand) => laidOutOtherwise(operand, dice)),
        // Indices stay, since one that fits one place need not fit another.
        plain.map((operand) => (isFloat(operand.dtype) ? stretched(operand, dice) : operand)),
      ]) {
        const before = views.map(({ buffer }) => [...buffer]);
        const packed = views.map((view) => arrayOf(elements(view), view.shape, view.dtype));
        sameBits("a view", elements(evaluated(trial, views)), elements(evaluated(trial, packed)));
        views.forEach(({ buffer }, k) => {
          sameBits(`operand ${k} afterwards`, [...buffer], before[k]!);
        });
      }
    }
  },
};

const roundsOnce: Property = {
  sentence: "in float32 is its float64 self rounded once",
  check(trial) {
    // Then plain loops say what is rounded where.
    if (trial.stated.roundsInside?.(trial.instance) === true) return;
    const single = operandsOf(trial, "float32", digits);
    const double = single.map((x) =>
      arrayOf(elements(x), x.shape, x.dtype === "float32" ? "float64" : x.dtype),
    );
    const result = evaluated(trial, single);
    const self = evaluated(trial, double);
    sameBits("float32", elements(result), stored(elements(self), result));
  },
};

const derivativesAreRight: Property = {
  sentence: "has derivatives that agree with each other and with differences, at orders one and two",
  check(trial) {
    const { f, point } = asFunction(trial, tensorsOf(operandsOf(trial, "float64", spread)));
    checkDerivatives(f, point, { seed: trial.seed, exact: trial.stated.exact && !narrows(trial) });
  },
};

const derivativesAtTies: Property = {
  sentence: "has, at ties, the derivatives of moving everything that ties together",
  check(trial) {
    // Three numbers at most, away from 0, so that most tie.
    const tied = (n: number, dice: Dice) => Array.from({ length: n }, () => (1 + dice.below(3)) / 4 + 1 / 64);
    const { f, point } = asFunction(trial, tensorsOf(operandsOf(trial, "float64", tied)));
    checkDerivatives(f, point, { seed: trial.seed, order: 1, together: true });
  },
};

/** Whether float64 operands come out as float32: then cotangents that are not short are rounded. */
function narrows(trial: Trial): boolean {
  const operands = operandsOf(trial, "float64", spread);
  return describeOne(trial.primitive, operands, trial.instance.attributes).dtype === "float32";
}

const partsAddUp: Property = {
  sentence: "has the same derivative with respect to an operand whether or not the others move",
  check(trial) {
    const { f, point } = asFunction(trial, tensorsOf(operandsOf(trial, "float64", spread)));
    if (!differentiates(trial, f, point)) return;
    const dice = new Dice(trial.seed);
    const cotangents = randomLike(f(point), dice);
    const tangents = randomLike(point, dice);
    const together = vjp(f, [...point]).pullback(cotangents);
    let sum: number[] | null = null;
    let scale = 0;
    point.forEach((x, i) => {
      const alone = (given: Tensor) => f(point.with(i, given));
      const share = vjp(alone, x).pullback(cotangents) as Tensor;
      sameBits(`the cotangent of operand ${i}`, [...share.data], [...together[i]!.data]);
      const tangent = [...jvp(alone, x, tangents[i]!).tangent[0]!.data];
      scale = Math.max(scale, ...tangent.map(Math.abs));
      sum = sum === null ? tangent : sum.map((part, k) => part + tangent[k]!);
    });
    const moved = jvp(f, [...point], tangents).tangent[0]!;
    sum!.forEach((expected: number, k) => {
      // Three parts at most, each rounded: 2⁻⁵⁰ of the largest covers their sum in any order.
      const allowed = trial.stated.exact ? 0 : 2 ** -50 * scale;
      demand(
        Math.abs(moved.data[k]! - expected) <= allowed,
        `the tangent is ${moved.data[k]}, its parts give ${expected}`,
      );
    });
  },
};

const repeatsAddUp: Property = {
  sentence: "given one tensor as several operands adds their derivatives up",
  check(trial) {
    const operands = tensorsOf(operandsOf(trial, "float64", spread));
    const { f, point } = asFunction(trial, operands);
    const [first, ...others] = point;
    const alike = others.length > 0 && others.every(({ shape }) => same(shape, first!.shape));
    if (!alike || !differentiates(trial, f, point)) return;
    // A number every operand may be: the first one may stand where positive ones must.
    const x = first!.abs().add(0.25) as Tensor;
    const all = point.map(() => x);
    const dice = new Dice(trial.seed);
    const cotangents = randomLike(f(all), dice);
    const once = vjp((given: Tensor) => f(all.map(() => given)), x).pullback(cotangents) as Tensor;
    const shares = vjp(f, all).pullback(cotangents);
    once.data.forEach((value: number, i: number) => {
      const parts = shares.map(({ data }) => data[i]!);
      const expected = parts.reduce((a, b) => a + b, 0);
      // The parts are added in the order of the operands or the reverse.
      const allowed = trial.stated.exact ? 0 : 2 ** -50 * Math.max(...parts.map(Math.abs));
      demand(Math.abs(value - expected) <= allowed, `repeated: ${value}, its parts ${parts.join(", ")}`);
    });
  },
};

const eitherRuleSuffices: Property = {
  sentence: "keeps its derivatives when either rule is left to be derived from the other",
  check(trial) {
    const { primitive } = trial;
    if (primitive.pullback === undefined || primitive.pushforward === undefined) return;
    const { pullback: _pullback, ...forwardOnly } = primitive;
    const { pushforward: _pushforward, ...reverseOnly } = primitive;
    const operands = tensorsOf(operandsOf(trial, "float64", spread));
    const { f, point } = asFunction(trial, operands);
    const dice = new Dice(trial.seed);
    const outputs = f(point);
    if (!isFloat(outputs[0]!.dtype)) return;
    const cotangents = randomLike(outputs, dice);
    const tangents = randomLike(point, dice);
    const both = derivativesOf(f, point, cotangents, tangents);
    for (const half of [forwardOnly, reverseOnly]) {
      const derived = asFunction({ ...trial, primitive: half }, operands);
      derivativesOf(derived.f, point, cotangents, tangents).forEach((tensor, k) => {
        tensor.data.forEach((x: number, i: number) => {
          const expected = both[k]!.data[i]!;
          // The same factors in another order: some roundings at the size of the result.
          const allowed = trial.stated.exact ? 0 : 2 ** -45 * largest(both);
          demand(Math.abs(x - expected) <= allowed, `derived by transposing: ${x}, stated: ${expected}`);
        });
      });
    }
  },
};

/** Cotangents and tangents, and those of the cotangents. */
function derivativesOf(
  f: TensorFunction,
  point: readonly Tensor[],
  cotangents: readonly Tensor[],
  tangents: readonly Tensor[],
): Tensor[] {
  const pulled = (x: Tensor[]) => vjp(f, x).pullback([...cotangents]);
  return [
    ...pulled([...point]),
    ...jvp(f, [...point], tangents).tangent,
    ...jvp(pulled, [...point], tangents).tangent,
    ...vjp(pulled, [...point]).pullback([...tangents]),
  ];
}

const largest = (tensors: readonly Tensor[]) => Math.max(0, ...tensors.flatMap(numbers).map(Math.abs));

const float32Derivatives: Property = {
  sentence: "has float32 derivatives within 4 units in the last place of the float64 ones",
  check(trial) {
    const single = tensorsOf(operandsOf(trial, "float32", spread));
    const double = single.map((x) => (isFloat(x.dtype) ? x.cast("float64") : x));
    const low = asFunction(trial, single);
    const high = asFunction(trial, double);
    if (!differentiates(trial, low.f, low.point)) return;
    const dice = new Dice(trial.seed);
    const [outputs, tangents] = [low.f(low.point), randomLike(low.point, dice)];
    const cotangents = randomLike(outputs, dice);
    const widened = (tensors: readonly Tensor[], like: readonly Tensor[]) =>
      tensors.map((each, i) => each.cast(like[i]!.dtype));
    const pairs: [readonly Tensor[], readonly Tensor[]][] = [
      [
        vjp(low.f, [...low.point]).pullback(cotangents),
        vjp(high.f, [...high.point]).pullback(widened(cotangents, high.f(high.point))),
      ],
      [
        jvp(low.f, [...low.point], tangents).tangent,
        jvp(high.f, [...high.point], widened(tangents, high.point)).tangent,
      ],
    ];
    for (const [actual, expected] of pairs) {
      actual.forEach((tensor, k) => {
        tensor.data.forEach((x: number, i: number) => {
          const self = expected[k]!.data[i]!;
          // Rules read the rounded output y: 1 − y² loses a unit at the size of 1, however small it is itself.
          const allowed = trial.stated.exact ? 0 : 4 * ulp32(Math.max(1, Math.abs(self)));
          const rounded = tensor.dtype === "float32" ? Math.fround(self) : self;
          demand(Math.abs(x - rounded) <= allowed, `float32 derivative ${x}, in float64 ${self}`);
        });
      });
    }
  },
};

/** Whether anything moves at all. */
const differentiates = (_trial: Trial, f: TensorFunction, point: readonly Tensor[]) =>
  point.length > 0 && isFloat(f(point)[0]!.dtype);

const constantsDoNotMove: Property = {
  sentence: "moves nothing where its result is no float",
  check(trial) {
    const operands = tensorsOf(operandsOf(trial, "float64", spread));
    const { f, point } = asFunction(trial, operands);
    if (point.length === 0 || isFloat(f(point)[0]!.dtype)) return;
    const zeroEverywhere = (tensors: readonly Tensor[]) =>
      tensors.every((each) => each.data.every((x: number) => x === 0));
    const moved = jvp(f, [...point], randomLike(point, new Dice(trial.seed)));
    demand(zeroEverywhere(moved.tangent), "a tangent passes through whole numbers");
    // Through a cast back to floats, so that a cotangent arrives at the step at all.
    const back: TensorFunction = (x) => f(x).map((each) => each.cast("float64"));
    const shares = vjp(back, [...point]).pullback(randomLike(back(point), new Dice(trial.seed)));
    demand(zeroEverywhere(shares), "a cotangent passes through whole numbers");
  },
};

const goesForMany: Property = {
  sentence: "for many parts at once gives what it gives for each, whichever operands the parts share",
  check(trial) {
    const { primitive, instance } = trial;
    const dice = new Dice(trial.seed ^ 0x5eed);
    const size = 1 + dice.below(3);
    const { length } = instance.operands;
    // At least one of them is not shared.
    const mask = 1 + dice.below(2 ** length - 1);
    const isBatched = instance.operands.map((_, k) => ((mask >> k) & 1) === 1);
    for (const draw of [spread, edgeNumbers]) {
      const parts = Array.from({ length: size }, (_, at) =>
        tensorsOf(operandsOf({ ...trial, seed: trial.seed + 31 * at }, "float64", draw)),
      );
      const axes = instance.operands.map(({ shape }, k) =>
        isBatched[k] ? dice.below(shape.length + 1) : null,
      );
      const given = axes.map((axis, k) =>
        axis === null
          ? parts[0]![k]!
          : stack(parts.map((part) => part[k]!) as never, { axis: axis as number }),
      );
      const f = (...operands: Tensor[]) => apply(primitive, operands, instance.attributes) as Tensor;
      const each = parts.map((part) => f(...part.map((own, k) => (isBatched[k] ? own : parts[0]![k]!))));
      const together = vmap(f, { inAxes: axes })(...(given as never[])) as Tensor;
      demand(
        together.shape.join() === [size, ...each[0]!.shape].join(),
        `has shape [${together.shape}] for ${size} parts of [${each[0]!.shape}]`,
      );
      sameBits(
        "parts",
        [...together.data],
        each.flatMap(({ data }) => [...data]),
      );
    }
  },
};

/** Puts every property to a primitive at once. Throws where one does not hold. */
export function attack(
  primitive: Primitive,
  stated: Case,
  parameters: fc.Parameters<[Instance, number]>,
): void {
  const all = fc.property(stated.instances, seeds, (instance, seed) => {
    for (const { check } of properties) check({ primitive, stated, instance, seed });
  });
  fc.assert(all, parameters);
}

export const properties: readonly Property[] = [
  givesPlainLoopValues,
  describesItsResult,
  ignoresLayout,
  roundsOnce,
  derivativesAreRight,
  derivativesAtTies,
  partsAddUp,
  repeatsAddUp,
  eitherRuleSuffices,
  float32Derivatives,
  constantsDoNotMove,
  goesForMany,
];
