// Activations by name or by formula, and what is known of each.

import { type Activation, activation, differentiate, type Expression } from "@adjoint/autograd";
import { checkActivation } from "@adjoint/autograd/check";
import {
  elu,
  gelu,
  hardTanh,
  leakyRelu,
  linear,
  logistic,
  mish,
  relu,
  selu,
  sign,
  silu,
  softplus,
  softsign,
  step,
  tanh,
} from "@adjoint/nn";
import type { ActivationFacts, Choice, Verdict } from "../lab.ts";
import { refuse } from "../mistakes.ts";
import { FormulaMistake } from "./formula-mistake.ts";
import { parsed } from "./parse.ts";

interface Named extends Choice {
  readonly phi: Activation;
}

const named = (title: string, phi: Activation, about: string): Named => ({
  name: phi.name,
  title,
  about,
  phi,
});

/** In the order in which they are offered. */
const table: readonly Named[] = [
  named(
    "logistic σ",
    logistic,
    "1/(1 + e⁻ˣ), the lecture's: between 0 and 1, so that an output is a probability; it saturates at both ends.",
  ),
  named(
    "tanh",
    tanh,
    "The logistic function rescaled to −1 … 1; being centred on 0, it is often learnt faster in hidden layers.",
  ),
  named(
    "ReLU",
    relu,
    "max(0, x): does not saturate to the right, and is the usual choice for deep networks.",
  ),
  named("leaky ReLU", leakyRelu, "x, or 0.01·x below 0, so that no unit dies."),
  named("ELU", elu, "x, or eˣ − 1 below 0: smooth at 0, with mean activations near 0."),
  named("SELU", selu, "A scaled ELU that keeps mean 0 and variance 1 from layer to layer."),
  named("GELU", gelu, "x times the normal distribution function, as in transformers."),
  named("SiLU (swish)", silu, "x·σ(x): smooth, and not monotonic, so that it has no ψ."),
  named("Mish", mish, "x·tanh(log(1 + eˣ)): like SiLU, a little steeper."),
  named("softplus", softplus, "log(1 + eˣ): a ReLU without a kink."),
  named("softsign", softsign, "x/(1 + |x|): like tanh, with limits that it approaches more slowly."),
  named("hard tanh", hardTanh, "x held between −1 and 1: cheap, with a derivative of 0 outside."),
  named("linear", linear, "x itself: for outputs that are any number, and for losses from logits."),
  named("step", step, "0 or 1, as in the perceptron: its derivative is 0, so gradients can't train it."),
  named(
    "sign",
    sign,
    "−1 or 1, the lecture's first activation: its derivative is 0, so gradients can't train it.",
  ),
];

export const activationChoices: readonly Choice[] = table.map(({ name, title, about }) => ({
  name,
  title,
  about,
}));

/** An activation that a person chose or typed. */
export interface Chosen {
  readonly phi: Activation;
  /** Whether it is one of nn's, by its name. */
  readonly isNamed: boolean;
  /** As it was stated, before it is simplified. */
  readonly statement: Expression;
  /** The least and the greatest value that it approaches; infinite where it has no bound. */
  readonly range: readonly [number, number];
}

/** The activation of a name or a formula of x. Refuses what is neither, with its place; `field` says where it stands. */
export function chosen(text: string, field: string): Chosen {
  const entry = table.find(({ name }) => name === text.trim());
  if (entry !== undefined)
    return { phi: entry.phi, isNamed: true, statement: entry.phi.expression, range: entry.phi.range };
  try {
    const statement = parsed(text);
    const phi = withKinks(text.trim(), statement);
    const values = far.map((x) => phi(x));
    // What is constant has no gradient, and all units of a layer would be alike: x − x, too.
    const known = values.filter((value) => !Number.isNaN(value));
    if (!/\bx\b/.test(phi.function.toString()) || (known.length > 0 && new Set(known).size === 1))
      throw new FormulaMistake(
        "this is the same for every x; write a formula of x, such as x * logistic(x)",
        0,
        text.length,
      );
    if (![-2, -1, -0.5, 0.5, 1, 2].some((x) => Number.isFinite(phi(x))))
      throw new FormulaMistake(
        "this is not a finite number at any of x = ±0.5, ±1, ±2; write a formula that is one",
        0,
        text.length,
      );
    return { phi, isNamed: false, statement, range: rangeOf(values) };
  } catch (error) {
    if (!(error instanceof FormulaMistake)) throw error;
    return refuse(field, error.message, { from: error.from, to: error.to });
  }
}

/** How many operations a formula may have: the checker differentiates it three times. */
const MOST_OPERATIONS = 60;

/** An activation of a formula, with the kinks that can be solved for and those that its slope shows. */
function withKinks(name: string, statement: Expression): Activation {
  const phi = activation(name, () => statement);
  const operations = phi.function.toString().match(/[a-zA-Z]\w*\(|[+−·/⁰-⁹²³]/g)?.length ?? 0;
  if (operations > MOST_OPERATIONS)
    throw new FormulaMistake(
      `the formula has ${operations} operations and may have ${MOST_OPERATIONS}; simplify it`,
      0,
      name.length,
    );
  const slope = slopeOf(phi);
  const seen: number[] = [];
  for (const x of [...jumps(phi), ...jumps(slope)])
    if ([...phi.kinks, ...seen].every((kink) => Math.abs(kink - x) > 1e-6)) seen.push(x);
  const kinks = [...phi.kinks, ...seen].sort((a, b) => a - b);
  return seen.length === 0 ? phi : activation(name, () => statement, { kinks });
}

/** Places between −10.5 and 10.5 where a function jumps: the checker looks that far. */
function jumps(slope: (x: number) => number): number[] {
  const found: number[] = [];
  for (let i = 0; i < 420 && found.length < MOST_KINKS; i++) {
    // Off the round numbers, at which kinks like to lie.
    let [a, b] = [i / 20 - 10.51, i / 20 - 10.46];
    let jump = Math.abs(slope(b) - slope(a));
    if (!(jump > 1e-6)) continue;
    const first = jump;
    for (let halving = 0; halving < 50 && jump > first / 4; halving++) {
      const middle = (a + b) / 2;
      const [left, right] = [Math.abs(slope(middle) - slope(a)), Math.abs(slope(b) - slope(middle))];
      if (left > right) b = middle;
      else a = middle;
      jump = Math.max(left, right);
    }
    // What halves with the interval is steep, not a jump.
    if (jump > first / 4) found.push(Number(((a + b) / 2).toFixed(9)) + 0);
  }
  return found;
}

/** More kinks than these are waves. */
const MOST_KINKS = 32;

// ── The range of a formula ────────────────────────────────────────────────────────────────────────────────────────

/** Places from −10⁸ to 10⁸, dense about 0. */
const far: readonly number[] = Array.from({ length: 801 }, (_, i) => {
  const u = (i - 400) / 400;
  return Math.sign(u) * (10 ** (8 * Math.abs(u)) - 1);
});

/** How near a limit counts as it: well below the distance within which a unit counts as saturated. */
const NEAR = 1e-3;

/**
 * The range of a function by its values at `far`: bounded on a side where its extreme value among x up to 10⁴ is that up to 10⁸.
 * An estimate, for saturation and for the check of outputs alone.
 */
function rangeOf(values: readonly number[]): readonly [number, number] {
  const finite = values.flatMap((value, i) => (Number.isNaN(value) ? [] : [{ x: Math.abs(far[i]!), value }]));
  const bound = (extreme: (...values: number[]) => number, none: number) => {
    const all = extreme(...finite.map(({ value }) => value));
    const nearer = extreme(...finite.filter(({ x }) => x <= 1e4).map(({ value }) => value));
    return Math.abs(all - nearer) <= NEAR ? all : none;
  };
  return [bound(Math.min, -Infinity), bound(Math.max, Infinity)];
}

// ── Facts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const XS: readonly number[] = Array.from({ length: 241 }, (_, i) => -6 + i / 20);

/** What is known of an activation, by name or formula. Refuses what `chosen` refuses. */
export function factsOf(text: string): ActivationFacts {
  const { phi } = chosen(text, "activation");
  const slope = slopeOf(phi);
  const values = XS.map((x) => phi(x));
  const slopes = XS.map(slope);
  return {
    formula: phi.function.toString(),
    derivative: phi.derivative,
    ...(phi.psi === undefined ? { whyNoPsi: whyNoPsi(phi, slope) } : { psi: String(phi.psi) }),
    kinks: phi.kinks,
    xs: XS,
    values,
    slopes,
  };
}

function slopeOf(phi: Activation): (x: number) => number {
  const derivative = differentiate(phi.expression);
  const slope = activation(`${phi.name}′`, () => derivative);
  return (x) => slope(x);
}

/** Digits of a number for a sentence. */
const told = (value: number): string => `${Number(value.toPrecision(3))}`.replace("-", "−");

/** Why there is no ψ: two places with one output and different slopes, or that no formula was found. */
function whyNoPsi(phi: Activation, slope: (x: number) => number): string {
  const pair = twoSlopes(phi, slope);
  if (pair === null)
    return "Between −6 and 6 each output seems to have one slope, so that there may be a ψ, but the rules found no formula in y alone.";
  const [a, b] = pair;
  return `At x = ${told(a)} and at x = ${told(b)} the output is ${told(phi(a))}, and the slope ${told(slope(a))} and ${told(slope(b))}: the output does not tell the slope.`;
}

/** How far apart slopes must be to be told apart in three digits. */
const APART = 0.02;

/** Two places with one output and different slopes; null where none is found. */
function twoSlopes(phi: Activation, slope: (x: number) => number): readonly [number, number] | null {
  let best: readonly [number, number] | null = null;
  let widest = APART;
  for (let i = 0; i < XS.length; i += 8) {
    const a = XS[i]!;
    const level = phi(a);
    for (let j = i + 8; j + 1 < XS.length; j++) {
      const [low, high] = [phi(XS[j]!) - level, phi(XS[j + 1]!) - level];
      if (!(low * high <= 0) || Math.abs(high - low) > 1) continue;
      if (phi.kinks.some((kink) => Math.abs(kink - XS[j]!) < 0.1 || Math.abs(kink - a) < 0.1)) continue;
      const b = solved((x) => phi(x) - level, XS[j]!, XS[j + 1]!);
      const difference = Math.abs(slope(a) - slope(b));
      const isAlike = Math.abs(phi(b) - level) <= 1e-9 * Math.max(1, Math.abs(level));
      if (!isAlike || !(difference > widest)) continue;
      [best, widest] = [[a, b], difference];
    }
  }
  return best;
}

/** A zero of a function between two places of different signs, by halving. */
function solved(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  const rises = f(high) >= f(low);
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (f(middle) < 0 === rises) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The checker's judgement of an activation, by name or formula. Refuses what `chosen` refuses. */
export function verdictOf(text: string): Verdict {
  const report = checkActivation(chosen(text, "activation").phi);
  return { verdict: report.verdict, report: String(report) };
}
