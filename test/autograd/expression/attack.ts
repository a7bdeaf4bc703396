// The attack on derivatives that needs to know nothing but the expression: numerical derivatives with error bars
// inside, one-sided ones at kinks and ends. atoms.test.ts aims it at the atom table and at broken copies of it.

import fc from "fast-check";
import type { Atom, Interval } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { differentiate } from "../../../packages/autograd/src/expression/differentiate.ts";
import { kinkConditions } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { Expression, inputs } from "../../../packages/autograd/src/expression/expression.ts";
import { interpreter, type NumberFunction } from "../../../packages/autograd/src/expression/to-function.ts";
import { floatInside } from "../../support/arbitraries.ts";
import { type Estimate, ridders, riddersOneSided } from "../../support/numerical.ts";
import { bounded } from "../../support/running-error.ts";

/** What a comparison of a derivative with a numerical one says. `"open"`: the error bars are too long to say. */
export interface Judgement {
  readonly verdict: "right" | "wrong" | "open";
  readonly because: string;
}

/** A function, its stated derivative in one input, and where the function may not be smooth. */
export interface Claim {
  readonly f: Expression;
  readonly derivative: Expression;
  readonly input: number;
  /** Where each input may be; absent: everywhere. */
  readonly smoothOn?: readonly Interval[];
}

const FIRST_STEP = 1 / 4;

/** Makes a judge of one claim, to be asked at many points. */
export function judge({ f, derivative, input, smoothOn }: Claim): (point: readonly number[]) => Judgement {
  const value = bounded(f);
  const stated = bounded(derivative);
  const conditions = [f, derivative].flatMap(kinkConditions).map((each) => interpreter(each));
  return (point) => {
    const along = (t: number) => value(point.with(input, t));
    const step = clearStep(conditions, smoothOn?.[input], point, input);
    const judgement = compare(stated(point), ridders(along, point[input]!, step));
    // What bends within the first step may look flat from there; what is wrong is so from nearby, too.
    if (judgement.verdict !== "wrong") return judgement;
    return compare(stated(point), ridders(along, point[input]!, step / 32));
  };
}

function compare(stated: Estimate, numerical: Estimate): Judgement {
  const room = stated.error + numerical.error;
  const because = `stated ${stated.value} ± ${stated.error}, numerical ${numerical.value} ± ${numerical.error}`;
  if (!isShort(numerical.error, numerical.value)) return { verdict: "open", because };
  // A stated derivative without a value is wrong where the numerical one has one.
  if (!Number.isFinite(stated.value)) return { verdict: "wrong", because };
  if (Math.abs(stated.value - numerical.value) > room) return { verdict: "wrong", because };
  return { verdict: isShort(room, numerical.value) ? "right" : "open", because };
}

/** Whether an error bar settles something: a factor of 2 or a lost term would stand out of it. */
const isShort = (error: number, value: number) => error <= 1e-4 * Math.max(1, Math.abs(value));

// Even ones, and uneven ones, for which what repeats along a power of two does not seem to stand still.
const places = Array.from({ length: 33 }, (_, i) => (i - 16) / 16).flatMap((even) => [
  even,
  even * Math.sqrt(0.97),
]);

/** A step up to 1/4 within which no condition for a kink changes sign, on either side of the point; 0 at a kink. */
function clearStep(
  conditions: readonly NumberFunction[],
  interval: Interval | undefined,
  point: readonly number[],
  input: number,
): number {
  const x = point[input]!;
  let step = FIRST_STEP;
  if (interval !== undefined) step = Math.min(step, (x - interval.from) / 2, (interval.to - x) / 2);
  for (const condition of conditions) {
    const sign = Math.sign(condition(...point));
    if (sign === 0) return 0;
    const changes = (h: number) =>
      places.some((place) => Math.sign(condition(...point.with(input, x + h * place))) !== sign);
    while (step > 0 && changes(step)) step /= 8;
  }
  return step;
}

/** How an atom's derivatives of one order are attacked: a property, and how often it had something to say. */
export interface Attack {
  readonly property: fc.IProperty<[number[]]>;
  readonly count: { right: number; all: number };
}

/** Attacks the derivatives of an atom inside its smooth region: order 1 its partials, order 2 theirs. */
export function attackInside(atom: Atom, order: 1 | 2): Attack {
  const judges = claimsOf(atom, order).map((claim) => ({ claim, ask: judge(claim) }));
  const count = { right: 0, all: 0 };
  const property = fc.property(pointOf(atom).filter(isOfFairSize), (point) => {
    if (isNextToOrigin(atom, point)) return;
    for (const { claim, ask } of judges) {
      const { verdict, because } = ask(point);
      if (verdict === "wrong") throw new Error(`${atom.name}, in operand ${claim.input}: ${because}`);
      count.all++;
      if (verdict === "right") count.right++;
    }
  });
  return { property, count };
}

/**
 * Whether the point lies within a step of the origin, where functions of two operands such as a length have their only kink:
 * differences across it see the slopes of the other side, and their error bars tell nothing of it.
 */
const isNextToOrigin = ({ arity, kinks }: Atom, point: readonly number[]) =>
  arity === 2 && kinks !== undefined && Math.hypot(...point) < 1e-3;

/** Whether products and quotients of a few of these numbers stay inside the range of floats. */
const isOfFairSize = (point: readonly number[]) =>
  point.every((x) => x === 0 || (Math.abs(x) > 1e-50 && Math.abs(x) < 1e50));

function claimsOf(atom: Atom, order: 1 | 2): Claim[] {
  const smoothOn = atom.smoothOn === undefined ? {} : { smoothOn: atom.smoothOn };
  const f = Expression.apply(atom, inputs(atom.arity));
  const numbers = [...inputs(atom.arity).keys()].filter((i) => !isTruth(atom, i));
  const first = numbers.map(
    (input): Claim => ({ f, derivative: differentiate(f, input), input, ...smoothOn }),
  );
  if (order === 1) return first;
  return first.flatMap(({ derivative }) =>
    numbers.map(
      (input): Claim => ({ f: derivative, derivative: differentiate(derivative, input), input, ...smoothOn }),
    ),
  );
}

const isTruth = (atom: Atom, operand: number) =>
  (typeof atom.operands === "string" ? atom.operands : atom.operands[operand]) === "bool";

/** Points inside an atom's smooth region; truth values where it takes them. */
export function pointOf(atom: Atom): fc.Arbitrary<number[]> {
  const everywhere = { from: -Infinity, to: Infinity };
  return fc.tuple(
    ...Array.from({ length: atom.arity }, (_, i) =>
      isTruth(atom, i) ? fc.constantFrom(0, 1) : floatInside(atom.smoothOn?.[i] ?? everywhere),
    ),
  );
}

/** Small numbers that are in a float exactly; kinks and ends usually lie among them. */
const eighths = Array.from({ length: 65 }, (_, i) => (i - 32) / 8);
const halves = [-2, -1, -0.5, 0, 0.5, 1, 2, 3];

/** Where an atom's kinks and the ends of its smooth region are, among small numbers. */
export function edgesOf(atom: Atom): number[][] {
  let points: number[][] = [[]];
  for (let i = 0; i < atom.arity; i++) {
    const { from, to } = atom.smoothOn?.[i] ?? { from: -Infinity, to: Infinity };
    const ends = [from, to].filter(Number.isFinite);
    const values = isTruth(atom, i)
      ? [0, 1]
      : [...new Set([...(atom.arity === 1 ? eighths : halves), ...ends])];
    points = points.flatMap((point) => values.filter((x) => x >= from && x <= to).map((x) => [...point, x]));
  }
  const conditions = kinkConditions(Expression.apply(atom, inputs(atom.arity))).map((each) =>
    interpreter(each),
  );
  const isEnd = (x: number, i: number) => x === atom.smoothOn?.[i]?.from || x === atom.smoothOn?.[i]?.to;
  return points.filter(
    (point) => point.some(isEnd) || conditions.some((condition) => condition(...point) === 0),
  );
}

/**
 * What is wrong with an atom's conventions at its kinks and ends: along each operand, and along both together, the
 * derivative must lie between the ones from either side, where they exist. (At a tie of max(a, b) the two partials
 * must add to 1, since max(t, t) = t.) Null where nothing is wrong; `seen` counts what could be compared.
 */
export function wrongAtEdges(atom: Atom): { wrong: string | null; seen: number } {
  const value = bounded(Expression.apply(atom, inputs(atom.arity)));
  const partials = inputs(atom.arity).map((_, i) =>
    interpreter(differentiate(Expression.apply(atom, inputs(atom.arity)), i)),
  );
  const conditions = kinkConditions(Expression.apply(atom, inputs(atom.arity))).map((each) =>
    interpreter(each),
  );
  let seen = 0;
  for (const point of edgesOf(atom)) {
    if (!Number.isFinite(value(point).value)) continue;
    for (const direction of directionsOf(atom)) {
      const along = (t: number) => value(point.map((x, i) => x + t * direction[i]!));
      const sides = ([1, -1] as const)
        .map((side) => {
          const moved = conditions.map(
            (condition) => (t: number) => condition(...point.map((x, i) => x + t * direction[i]!)),
          );
          return riddersOneSided(along, 0, clearSide(moved, side), side);
        })
        .filter(({ value, error }) => isShort(error, value));
      if (sides.length === 0) continue;
      seen++;
      const stated = direction.reduce((sum, d, i) => (d === 0 ? sum : sum + d * partials[i]!(...point)), 0);
      const low = Math.min(...sides.map(({ value, error }) => value - error));
      const high = Math.max(...sides.map(({ value, error }) => value + error));
      if (!(stated >= low && stated <= high)) {
        return {
          wrong: `${atom.name}(${point}) along (${direction}): ${stated} is not in [${low}, ${high}]`,
          seen,
        };
      }
    }
  }
  return { wrong: null, seen };
}

/** A step to one side of 0 up to which no condition for a kink changes its sign. */
function clearSide(conditions: readonly NumberFunction[], side: 1 | -1): number {
  const beside = places.filter((place) => place > 0);
  const changes = (h: number) =>
    conditions.some(
      (condition) => new Set(beside.map((place) => Math.sign(condition(side * h * place)))).size > 1,
    );
  let step = FIRST_STEP;
  while (step > 2 ** -20 && changes(step)) step /= 8;
  return step;
}

function directionsOf(atom: Atom): number[][] {
  const numbers = inputs(atom.arity).map((_, i) => (isTruth(atom, i) ? 0 : 1));
  const single = numbers.flatMap((isNumber, i) =>
    isNumber ? [numbers.map((_, j) => (i === j ? 1 : 0))] : [],
  );
  return single.length > 1 ? [...single, numbers] : single;
}

/** A truth value can't be moved a little, so the derivative in one must be zero everywhere. */
export function wrongInTruthValues(atom: Atom): string | null {
  const f = Expression.apply(atom, inputs(atom.arity));
  for (const i of inputs(atom.arity).keys()) {
    if (!isTruth(atom, i)) continue;
    const derivative = differentiate(f, i);
    if (!derivative.isConstant || derivative.constant !== 0)
      return `${atom.name}: the derivative in truth value ${i} is not 0`;
  }
  return null;
}
