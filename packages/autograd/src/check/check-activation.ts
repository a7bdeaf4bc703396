// checkActivation: is everything that an activation says of itself true? Its derivatives, kinks, range and ψ.
//
// The derivative expressions of order one to three are compared with differences of the order before, with error bars;
// then every way to run them (number, interpreter, scalar, tensors of both types, both modes) with those.

import { type DType, isFloat } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import { jvp, vjp } from "../differentiate/transforms.ts";
import type { Activation } from "../expression/activation.ts";
import { differentiate } from "../expression/differentiate.ts";
import { kinkConditions } from "../expression/elementwise-function.ts";
import { Expression, inOrder } from "../expression/expression.ts";
import { text } from "../expression/text.ts";
import { interpreter, toFunction } from "../expression/to-function.ts";
import { scalar } from "../scalar/scalar.ts";
import { Tensor } from "../tensor/tensor.ts";
import { keptBits32, noiseOf, noiseWithoutTies } from "./noise.ts";
import { centralDerivative, oneSidedDerivative } from "./numerical.ts";
import { Stream } from "./random.ts";
import { gapAt, roundingOf } from "./rounding.ts";
import {
  alike,
  bisect,
  type Derivatives,
  directionOf,
  pairOfOneOutput,
  type Survey,
  survey,
  surveyed,
} from "./smoothness.ts";
import { Findings, type StatementReport, shown } from "./statement-report.ts";

/** The highest order of the derivatives that are checked. */
const highest = 3;
const ordinals = ["value", "derivative", "second derivative", "third derivative"];

/** Far enough from 0 to overflow formulas that are not stated in a stable form. */
const farOut = [-1000, -40, 40, 1000];

/**
 * Checks everything an activation says: derivatives of order one to three in both modes and both types, kinks declared
 * and found, range, and ψ, also whether one can exist: where two inputs have one output and different slopes, none can.
 * Throws TypeError where the argument is no activation.
 */
export function checkActivation(phi: Activation): StatementReport {
  if (typeof phi !== "function" || !((phi as Partial<Activation>).expression instanceof Expression)) {
    throw new TypeError(
      `checkActivation: got ${typeof phi} where an activation belongs; make one, e.g. activation("swish", (x) => x.mul(x.logistic()))`,
    );
  }
  const findings = new Findings();
  const f = derivativesOf(phi);
  const conditions = kinkConditions(phi.expression).map((condition) => toFunction(condition, 1));
  const seen = survey(f, conditions, phi.kinks);
  const special = [...seen.edges, ...seen.kinks.map(({ at }) => at)];
  const points = pointsOf(f, special);
  if (points.length === 0) findings.notes.push("it is a finite number nowhere between −40 and 40");
  else {
    checkDifferences(f, points, special, findings);
    const all = [...points, ...phi.kinks.filter((kink) => Number.isFinite(f.at[0]!(kink)))];
    checkRuns(phi, f, all, findings);
    checkPsi(phi, f, seen, points, findings);
  }
  checkKinks(phi, f, seen, findings);
  checkRange(phi, f, seen, findings);
  checkFarOut(phi, f, findings);
  if (phi.derivative !== text(differentiate(phi.expression))) {
    findings.found(
      "text",
      `its derivative reads "${phi.derivative}" and is ${text(differentiate(phi.expression))}`,
    );
  }
  return findings.report(phi.name, highest);
}

function derivativesOf(phi: Activation): Derivatives {
  const expressions = [phi.expression];
  for (let k = 1; k <= highest; k++) expressions.push(differentiate(expressions[k - 1]!));
  return {
    at: expressions.map((each, k) => (k === 0 ? (x: number) => phi(x) : toFunction(each, 1))),
    rounding: expressions.map(roundingOf),
    single: expressions.map((each) => interpreter(each, "float32")),
  };
}

// ── Points ────────────────────────────────────────────────────────────────────────────────────────────────────────

const firstStep = 2 ** -4;
const nearestReach = 2 ** -16;

interface Point {
  readonly x: number;
  /** The largest step of differences: no kink and no end of the domain may lie within it. */
  readonly stretch: number;
}

/** Points spread over the middle and some far out, and near every special place, where all derivatives are finite. */
function pointsOf(f: Derivatives, special: readonly number[]): number[] {
  const stream = new Stream(1);
  const candidates = Array.from({ length: 48 }, (_, i) => -6 + (12 * (i + stream.next())) / 48);
  candidates.push(-40, -25.3, -17.1, -12.7, -9.1, -7.3, 7.3, 9.1, 12.7, 17.1, 25.3, 40);
  for (const place of special.slice(0, 6)) candidates.push(place - 2 ** -5, place + 2 ** -5);
  // A domain that is narrower than the spread of the points gets points of its own.
  const ends = [...special].sort((a, b) => a - b);
  ends.slice(1).forEach((end, i) => {
    const start = ends[i]!;
    if (end - start < 4)
      candidates.push(...[0.1, 0.3, 0.5, 0.7, 0.9].map((part) => start + part * (end - start)));
  });
  return (
    candidates
      // Representable in both types.
      .map(Math.fround)
      .filter((x) => f.at.every((each) => Number.isFinite(each(x))) && stretchAt(x, special) > 0)
  );
}

function stretchAt(x: number, special: readonly number[]): number {
  const free = special.reduce((least, place) => Math.min(least, Math.abs(place - x)), 1);
  if (free < nearestReach) return 0;
  return Math.min(1, 2 ** Math.floor(Math.log2(free / firstStep)));
}

// ── Derivatives ───────────────────────────────────────────────────────────────────────────────────────────────────

/** An error bar that is wider than this fraction of the derivative's size tells nothing. */
const telling = 1e-4;

/** Differences that contradict a derivative must at least be sure of their own order of magnitude. */
const firmly = 1e-2;

function checkDifferences(
  f: Derivatives,
  xs: readonly number[],
  special: readonly number[],
  findings: Findings,
): void {
  const points = xs.map((x): Point => ({ x, stretch: stretchAt(x, special) }));
  for (let order = 1; order <= highest; order++) {
    const derivative = f.at[order]!;
    const sizes = points.map(({ x }) => Math.abs(derivative(x))).sort((a, b) => a - b);
    const usual = sizes[sizes.length >> 1]!;
    const tells = ({ value, error }: Estimate, x: number) =>
      error <= telling * Math.max(Math.abs(derivative(x)), Math.abs(value), usual);
    const agrees = ({ value, error }: Estimate, x: number) => Math.abs(value - derivative(x)) <= error;
    const first = estimates(f, order, points);
    const doubted: Point[] = [];
    points.forEach((point, i) => {
      findings.compared++;
      const estimate = first[i]!;
      if (!Number.isFinite(estimate.error)) findings.undecided++;
      else if (!agrees(estimate, point.x)) doubted.push(point);
      else if (!tells(estimate, point.x)) findings.undecided++;
    });
    if (doubted.length === 0) continue;
    // An accident of extrapolation (an undetected kink, waves shorter than the steps) changes with the steps; an
    // error stays.
    const [closer, closest] = [64, 4096].map((by) =>
      estimates(
        f,
        order,
        doubted.map(({ x, stretch }) => ({ x, stretch: stretch / by })),
      ),
    ) as [Estimate[], Estimate[]];
    doubted.forEach(({ x, stretch }, i) => {
      const [near, nearest] = [closer[i]!, closest[i]!];
      if (agrees(near, x) && tells(near, x)) return;
      if (agrees(nearest, x) && tells(nearest, x)) return;
      const firm = near.error <= firmly * Math.max(Math.abs(near.value), usual);
      const lasts = firm && Math.abs(near.value - nearest.value) <= near.error + nearest.error;
      if (!lasts || agrees(near, x)) {
        findings.undecided++;
        return;
      }
      // Waves a thousand times shorter than all those steps look alike to them. Before a rule is accused, it may show them.
      const [shortest] = estimates(f, order, [{ x, stretch: stretch / 2 ** 24 }]);
      if (agrees(shortest!, x) && tells(shortest!, x)) return;
      if (isBlurred(f, order, { x, stretch: stretch / 4096 }, nearest)) {
        findings.undecided++;
        return;
      }
      disagree(f, order, x, near, findings);
    });
  }
}

interface Estimate {
  readonly value: number;
  readonly error: number;
}

/** The derivative at every point at once: for a function of elements, moving all of them moves each by itself. */
function estimates(f: Derivatives, order: number, points: readonly Point[]): Estimate[] {
  const [lower, lowerRounding, rounding] = [f.at[order - 1]!, f.rounding[order - 1]!, f.rounding[order]!];
  const noise = Float64Array.from(points, ({ x, stretch }) =>
    Math.max(...[-1, 0, 1].map((side) => lowerRounding(x + side * firstStep * stretch))),
  );
  const line = (step: number) => Float64Array.from(points, ({ x, stretch }) => lower(x + step * stretch));
  const { values, errors } = centralDerivative(line, firstStep, noise);
  return points.map(({ x, stretch }, i) => ({
    value: values[i]! / stretch,
    error: errors[i]! / stretch + rounding(x),
  }));
}

const samples = 256;

/**
 * Whether a derivative by the rules differs from differences no more than it varies between the places of these differences,
 * while its mean over them is what the differences are: waves shorter than all steps, on something steeper, look so.
 */
function isBlurred(
  f: Derivatives,
  order: number,
  { x, stretch }: Point,
  { value, error }: Estimate,
): boolean {
  const derivative = f.at[order]!;
  // Multiples of the golden ratio are spread evenly, and fall in with no wave.
  const values = Array.from({ length: samples }, (_, i) =>
    derivative(x + firstStep * stretch * (2 * ((i * 0.618033988749895) % 1) - 1)),
  );
  const mean = values.reduce((sum, each) => sum + each / samples, 0);
  const spread = Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2 / samples, 0));
  const isUsual = Math.abs(derivative(x) - value) <= 4 * spread;
  return isUsual && Math.abs(mean - value) <= (4 * spread) / Math.sqrt(samples) + error;
}

function disagree(
  f: Derivatives,
  order: number,
  x: number,
  { value: numerical, error }: Estimate,
  findings: Findings,
): void {
  const analytic = f.at[order]!(x);
  const test = "the derivative's expression against differences";
  const input = `x = ${shown(x)}`;
  findings.disagreements.push({ order, test, input, index: null, analytic, numerical, error });
  findings.found(
    `difference ${order}`,
    `its ${ordinals[order]} at ${shown(x)} is ${shown(analytic)} by the rules and ${shown(numerical)} ± ${shown(error)} by differences`,
  );
}

// ── Ways to run ───────────────────────────────────────────────────────────────────────────────────────────────────

type TensorFunction = (x: Tensor) => Tensor;

const forward =
  (g: TensorFunction): TensorFunction =>
  (x) =>
    jvp(g, x, filled(x, 1)).tangent;
const reverse =
  (g: TensorFunction): TensorFunction =>
  (x) => {
    const { value, pullback } = vjp(g, x);
    return pullback(filled(value, 1));
  };

const filled = ({ dtype, shape }: Tensor, value: number) => new Tensor(NDArray.filled(dtype, shape, value));

function vector(values: readonly number[], dtype: DType): Tensor {
  const array = NDArray.zeros(dtype, [values.length]);
  array.buffer.set(values);
  return new Tensor(array);
}

/** Beyond this, float32 numbers are infinite. */
const largest32 = 2 ** 128 - 2 ** 104;

const specialNumbers = [NaN, Infinity, -Infinity, 0, -0, ...farOut];

function checkRuns(phi: Activation, f: Derivatives, xs: readonly number[], findings: Findings): void {
  checkValues(phi, f, xs, findings);
  const apply = (x: Tensor) => phi(x);
  const [double, single] = [vector(xs, "float64"), vector(xs, "float32")];
  const stream = new Stream(2);
  const chains: { name: string; order: number; run: TensorFunction }[] = [];
  let [allForward, allReverse]: [TensorFunction, TensorFunction] = [apply, apply];
  for (let order = 1; order <= highest; order++) {
    if (order === 2) {
      chains.push({ name: "forward over reverse mode", order, run: forward(reverse(apply)) });
      chains.push({ name: "reverse over forward mode", order, run: reverse(forward(apply)) });
    }
    [allForward, allReverse] = [forward(allForward), reverse(allReverse)];
    chains.push({ name: "forward mode", order, run: allForward });
    chains.push({ name: "reverse mode", order, run: allReverse });
  }
  for (let order = 1; order <= highest; order++) {
    const own = chains.filter((chain) => chain.order === order);
    const exact = Float64Array.from(xs, f.at[order]!);
    const rounding = xs.map(f.rounding[order]!);
    const reference = own.at(-1)!.run;
    const compute = () => reference(double).data as Float64Array;
    const undisturbed = compute();
    const noise = noiseOf(compute, undisturbed, stream);
    // Two functions that are equal in float64, as softplus and logistic are far to the left, may differ in float32's last
    // place: numbers that are equal are moved apart.
    const coarse = noiseWithoutTies(compute, undisturbed, stream, { bits: keptBits32 });
    for (const { name, run } of own) {
      for (const [type, x, bars] of [
        ["float64", double, noise],
        ["float32", single, coarse],
      ] as const) {
        run(x).data.forEach((actual: number, i: number) => {
          if (type === "float32" && !fitsFloat32(f, order, xs[i]!)) return;
          // Two formulas with the same meaning: each may round as far as the one whose rounding was bounded.
          const error = bars[i]! + 4 * rounding[i]! + (type === "float32" ? 2 ** -126 : 0);
          // A number of which float32 has no digit says nothing, and its error was bounded by a few trials only.
          if (type === "float32" && error > Math.max(Math.abs(actual), Math.abs(exact[i]!)) / 2) return;
          if (findings.holds(actual, exact[i]!, error)) return;
          findings.found(
            `${name} ${order} ${type}`,
            `its ${ordinals[order]} at ${shown(xs[i]!)} by ${name} on ${type} tensors is ${shown(actual)}, not ${shown(exact[i]!)} ± ${shown(error)}`,
          );
        });
      }
    }
  }
}

/**
 * Whether float32 can be compared with float64 there: the place is a float32 (or a point beside a kink would be tested)
 * and nothing overflows, neither the derivative nor an intermediate result.
 */
const fitsFloat32 = (f: Derivatives, order: number, x: number) =>
  Math.fround(x) === x &&
  f.at.slice(0, order + 1).every((each) => Math.abs(each(x)) < largest32 / 2 ** 20) &&
  f.single.slice(0, order + 1).every((each) => Number.isFinite(each(x)));

function checkValues(phi: Activation, f: Derivatives, xs: readonly number[], findings: Findings): void {
  const all = [...xs, ...specialNumbers];
  const interpreted = interpreter(phi.expression);
  const onExpression = toFunction(phi(Expression.input(0)), 1);
  const double = phi(vector(all, "float64")).data;
  const single = phi(vector(all, "float32"));
  const nearest = vector(all.map(Math.fround), "float64");
  const compute = () => phi(nearest).data as Float64Array;
  const bars = noiseOf(compute, compute(), new Stream(5), { bits: keptBits32 });
  all.forEach((x, i) => {
    const value = phi(x);
    const rounding = f.rounding[0]!(x);
    const near = phi(Math.fround(x));
    // The same steps, each rounded to float32. There an intermediate result may overflow although the value does not.
    const stepwise = f.single[0]!(Math.fround(x));
    const isInside = Math.abs(near) < largest32 && Number.isFinite(stepwise);
    const ways: [way: string, actual: number, expected: number, error: number][] = [
      ["interpreted", interpreted(x), value, rounding],
      ["called on an expression", onExpression(x), value, rounding],
      ["in a float64 tensor", double[i]!, value, rounding],
      ["in a float32 tensor", single.data[i]!, stepwise, 0],
      ["in float32", single.data[i]!, isInside ? near : stepwise, isInside ? bars[i]! + 2 ** -126 : 0],
    ];
    for (const [way, actual, expected, error] of ways) {
      findings.compared++;
      if (same(actual, expected) || Math.abs(actual - expected) <= error) continue;
      findings.found(
        `value ${way}`,
        `its value at ${shown(x)} is ${shown(expected)}, and ${shown(actual)} ${way}`,
      );
    }
  });
  if (isFloat(single.dtype) && single.dtype !== "float32")
    findings.found("type", `it makes ${single.dtype} of float32`);
  for (const shape of [[], [0], [2, 0], [1, 1]]) {
    const result = phi(new Tensor(NDArray.filled("float32", shape, 0.5)));
    if (result.shape.join() !== shape.join())
      findings.found("shape", `it makes [${result.shape.join(", ")}] of [${shape.join(", ")}]`);
  }
  checkScalars(phi, f, xs, findings);
  if (!Number.isNaN(phi(NaN)))
    findings.notes.push(`NaN gives ${shown(phi(NaN))}: a run that has gone wrong would not show behind it`);
}

const same = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));

function checkScalars(phi: Activation, f: Derivatives, xs: readonly number[], findings: Findings): void {
  xs.forEach((at, i) => {
    if (i % 3 !== 0 && i < xs.length - 4) return;
    const x = scalar(at);
    const y = phi(x);
    y.backward();
    const [value, slope] = [phi(at), f.at[1]!(at)];
    if (!findings.holds(y.value, value, f.rounding[0]!(at)))
      findings.found(
        "scalar value",
        `its value at ${shown(at)} is ${shown(value)}, and ${shown(y.value)} as a scalar`,
      );
    if (!findings.holds(x.grad, slope, 8 * f.rounding[1]!(at)))
      findings.found(
        "scalar slope",
        `its derivative at ${shown(at)} is ${shown(slope)}, and ${shown(x.grad)} as a scalar`,
      );
  });
}

// ── Kinks ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function checkKinks(phi: Activation, f: Derivatives, { kinks, edges }: Survey, findings: Findings): void {
  findings.kinks += kinks.length;
  const undeclared = kinks.filter((kink) => !phi.kinks.some((declared) => alike(declared, kink.at)));
  const [first, ...others] = undeclared;
  if (first !== undefined) {
    const { at, order, below, above } = first;
    const rest = others.length === 0 ? "" : ` (and ${others.length} more up to ±${surveyed})`;
    const list = undeclared.slice(0, 8).map((kink) => shown(kink.at));
    findings.found(
      "undeclared",
      `it is not smooth at ${shown(at)}${rest}, which its kinks [${phi.kinks.map(shown).join(", ")}] leave out: its ${ordinals[order]} is ${shown(below)} below and ${shown(above)} above; state { kinks: [${list.join(", ")}${undeclared.length > 8 ? ", …" : ""}] }`,
    );
  }
  for (const declared of phi.kinks) {
    const kink = kinks.find(({ at }) => alike(declared, at));
    if (kink !== undefined) checkConvention(f, kink.at, findings);
    else if (Math.abs(declared) <= surveyed && !edges.some((edge) => alike(edge, declared)))
      findings.notes.push(
        `declares a kink at ${shown(declared)}, where it is smooth to the third derivative`,
      );
  }
  if (edges.length > 0)
    findings.notes.push(`it is not a number everywhere: it begins or ends at ${edges.map(shown).join(", ")}`);
}

// So near to a kink, the one-sided derivative is that at the kink, whatever the rounding of the kink's place.
const beside = 2 ** -40;

/** The derivative at a kink is a convention: any number between those of the two sides, which are measured by differences. */
function checkConvention(f: Derivatives, at: number, findings: Findings): void {
  if (!Number.isFinite(f.at[0]!(at))) return;
  const convention = f.at[1]!(at);
  findings.compared++;
  if (Number.isNaN(convention)) {
    findings.found(
      "NaN at a kink",
      `its derivative at the kink ${shown(at)} is NaN, which spoils every sum it enters`,
    );
    return;
  }
  const below = slopeBeside(f, at, -1);
  const above = slopeBeside(f, at, 1);
  const low = Math.min(above.value - above.error, below.value - below.error);
  const high = Math.max(above.value + above.error, below.value + below.error);
  if (!Number.isFinite(low + high)) findings.undecided++;
  else if (!(convention >= low && convention <= high)) {
    findings.found(
      "convention",
      `its derivative at the kink ${shown(at)} is ${shown(convention)}, beyond both sides': ${shown(below.value)} below and ${shown(above.value)} above`,
    );
  }
}

/** The slope on one side of a place, by differences. An infinite error where it changes too fast to be measured. */
function slopeBeside(f: Derivatives, at: number, side: 1 | -1): { value: number; error: number } {
  const shift = beside * Math.max(1, Math.abs(at));
  const base = at + side * shift;
  const noise = Float64Array.of(f.rounding[0]!(base) + f.rounding[0]!(base + side * firstStep));
  const line = (step: number) => Float64Array.of(f.at[0]!(base + step));
  const found = oneSidedDerivative(line, firstStep, noise, side);
  const [value, slope] = [found.values[0]!, f.at[1]!(base)];
  // How much the slope changes between the place and where it was measured.
  const moved = 2 * shift * Math.abs(f.at[2]!(base)) + f.rounding[1]!(base);
  const error = found.errors[0]! + moved;
  return { value, error: Math.abs(value - slope) <= error ? error : Infinity };
}

// ── ψ ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

function checkPsi(
  phi: Activation,
  f: Derivatives,
  seen: Survey,
  points: readonly number[],
  findings: Findings,
): void {
  const pair = pairOfOneOutput(f, seen);
  const why =
    pair === null
      ? ""
      : `${pair.inputs.map(shown).join(" and ")} give one output, ${shown(pair.output)}, and have different slopes, ${pair.slopes.map(shown).join(" and ")}, so that no function of the output can be its derivative`;
  if (phi.psi === undefined) {
    const direction = directionOf(f, seen);
    if (pair !== null) findings.notes.push(`it has no ψ, and can't: ${why}`);
    else if (direction !== null && direction !== "is constant")
      findings.notes.push(
        `it states no ψ; one exists, since it only ${direction}: where it can be written, state { psi: (y) => … }`,
      );
    else findings.notes.push("it states no ψ; nothing was found that rules one out: state { psi: (y) => … }");
    return;
  }
  if (pair !== null) findings.found("illegal ψ", `it states a ψ and can't have one: ${why}`);
  const psi = phi.psi;
  const rounding = roundingOf(psi(Expression.input(0)));
  const onTensor = psi(
    vector(
      points.map((x) => phi(x)),
      "float64",
    ),
  ).data;
  points.forEach((x, i) => {
    const [y, slope] = [phi(x), f.at[1]!(x)];
    const off = f.rounding[0]!(x);
    // ψ gets a rounded output, and can't be more accurate than that rounding allows.
    const carried = Math.max(Math.abs(psi(y + off) - psi(y)), Math.abs(psi(y - off) - psi(y)));
    const error = (Number.isNaN(carried) ? Infinity : carried) + rounding(y) + f.rounding[1]!(x);
    if (!findings.holds(psi(y), slope, error))
      findings.found(
        "ψ",
        `its ψ at φ(${shown(x)}) = ${shown(y)} is ${shown(psi(y))}, and its derivative there ${shown(slope)}`,
      );
    if (!findings.holds(onTensor[i]!, psi(y), rounding(y)))
      findings.found(
        "ψ of a tensor",
        `its ψ at ${shown(y)} is ${shown(psi(y))}, and ${shown(onTensor[i]!)} in a tensor`,
      );
  });
  for (const { at, below, above, order } of seen.kinks) {
    const value = psi(phi(at));
    const sides = order === 1 ? [below, above] : [f.at[1]!(at - beside), f.at[1]!(at + beside)];
    const ends = [...sides, f.at[1]!(at)];
    const slack = 2 ** -30 * Math.max(...ends.map(Math.abs));
    findings.compared++;
    if (
      !(value >= Math.min(...ends) - slack && value <= Math.max(...ends) + slack) &&
      Number.isFinite(phi(at))
    )
      findings.found(
        "ψ at a kink",
        `its ψ at the kink φ(${shown(at)}) = ${shown(phi(at))} is ${shown(value)}, beyond the slopes of both sides`,
      );
  }
}

// ── Range ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const reach = [40, 1000, 1e6, 1e12];

/** A value counts as near to an end of the range if it is nearer than this fraction of the range's width. */
const nearly = 1e-2;

/** Values that grow to this near 0 are unbounded there: a pole. */
const poleSize = 1e6;

function checkRange(phi: Activation, f: Derivatives, seen: Survey, findings: Findings): void {
  const [low, high] = phi.range;
  const xs = [...seen.xs, ...reach, ...reach.map((x) => -x)];
  for (const side of [-1, 1] as const) {
    // The extreme of the values, refined between the neighbours of the best grid point, since it may lie between grid points.
    const signed = (x: number) => side * f.at[0]!(x);
    const finite = xs.filter((x) => Number.isFinite(f.at[0]!(x)));
    if (finite.length === 0) return;
    const best = finite.reduce((a, b) => (signed(b) > signed(a) ? b : a));
    const at = Math.abs(best) < surveyed ? highestWithin(signed, best - 1 / 32, best + 1 / 32, best) : best;
    const extreme = f.at[0]!(at);
    const end = side < 0 ? low : high;
    const which = side < 0 ? "below" : "above";
    findings.compared++;
    if (side * (extreme - end) > f.rounding[0]!(at) + 2 * gapAt(end)) {
      findings.found(
        `range ${side}`,
        `its value at ${shown(at)} is ${shown(extreme)}, ${which} its range [${shown(low)}, ${shown(high)}]`,
      );
    } else if (Number.isFinite(end)) {
      const width = Number.isFinite(high - low) ? high - low : Math.max(1, Math.abs(end));
      if (Math.abs(extreme - end) > nearly * width)
        findings.notes.push(`comes no nearer to ${shown(end)}, an end of its range, than ${shown(extreme)}`);
    } else if (
      Math.abs(at) <= 40 &&
      Math.abs(extreme) < poleSize &&
      !xs.some((x) => signed(x) === Infinity)
    ) {
      findings.notes.push(`never found ${which} ${shown(extreme)}: its range could say so`);
    }
  }
}

/** The place of the largest value of a function near the best of three points: by golden sections, if these find a larger one. */
function highestWithin(f: (x: number) => number, from: number, to: number, best: number): number {
  let [a, b] = [from, to];
  const ratio = (Math.sqrt(5) - 1) / 2;
  for (let i = 0; i < 40; i++) {
    const [c, d] = [b - ratio * (b - a), a + ratio * (b - a)];
    if (f(c) >= f(d)) b = d;
    else a = c;
  }
  const middle = (a + b) / 2;
  return f(middle) > f(best) ? middle : best;
}

// ── Far out ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Values that reach at least this before they overflow are taken to grow without bound; smaller ones were lost on the way. */
const grown = 1e100;

function checkFarOut(phi: Activation, f: Derivatives, findings: Findings): void {
  for (let order = 0; order <= highest; order++) {
    const g = f.at[order]!;
    for (const x of farOut) {
      const value = g(x);
      findings.compared++;
      if (Number.isFinite(value) || isOutside(phi, x)) continue;
      const last = bisect(0, x, (each) => Number.isFinite(g(each)));
      const before = g(last);
      if (!Number.isFinite(before) || Math.abs(before) > grown) continue;
      const sentence = `its ${ordinals[order]} at ${shown(x)} is ${shown(value)}, though it was ${shown(before)} at ${shown(last)}: something in it overflows, or cancels an infinity; state it in a form that doesn't`;
      if (order <= 1) findings.found(`far ${order}`, sentence);
      else findings.notes.push(sentence);
    }
  }
}

/** Whether a number lies outside the function's domain: somewhere an atom makes NaN of finite operands. */
function isOutside({ expression }: Activation, x: number): boolean {
  const values = new Map<Expression, number>();
  for (const node of inOrder(expression)) {
    const operands = node.operands.map((operand) => values.get(operand)!);
    if (node.atom === null) values.set(node, node.input >= 0 ? x : node.constant);
    else values.set(node, (node.atom.value as (...x: number[]) => number)(...operands));
    if (Number.isNaN(values.get(node)) && node.atom !== null && operands.every(Number.isFinite)) return true;
  }
  return false;
}
