// What losses have in common: the checks of their arguments, weights, and how many losses become one number. A loss states
// the losses before they are joined: one for each element of a prediction, or one for each row of its last axis.

import {
  type Check,
  DTypeError,
  type Expression,
  elementwise,
  guarded,
  ShapeError,
  type Tensor,
} from "@adjoint/autograd";
import { checkOptions, checkTensor, hasShape, named } from "../arguments.ts";
import { noted, type Reduced, type Reduction } from "./reduced.ts";

export type { Reduction } from "./reduced.ts";

const reductions: readonly unknown[] = ["mean", "batchMean", "sum", "none"] satisfies Reduction[];

/** The options that all losses have. */
export interface LossOptions {
  /** "mean" by default. */
  readonly reduction?: Reduction;
  /**
   * Factors of the losses, 0 or more, in a shape that broadcasts to theirs; truth values choose. Means divide by the sum of
   * the weights, so that they are NaN where all weights are 0. A weight of 0 takes out any loss, an infinite one, too.
   */
  readonly weights?: Tensor;
}

/** A loss of predictions against targets. */
export interface Loss<O extends LossOptions = LossOptions> {
  (prediction: Tensor, target: Tensor, options?: O): Tensor;
  /** Its name, for errors and histories. */
  readonly name: string;
}

/** A loss's formula. One that reads options of its own names their type: `(p, t, { delta = 1 }: HuberOptions) => …`. */
type Formula = (prediction: Tensor, target: Tensor, options: LossOptions) => Tensor;

/** What a loss says of itself beside its formula. */
interface Traits {
  /** The names of options that not all losses have. */
  readonly options?: readonly string[];
  /** The reduction where none is asked for; "mean" by default. */
  readonly standard?: Reduction;
  /** What targets must be; anything by default. */
  readonly targets?: (name: string) => Check;
}

/** Targets of a loss that are probabilities. Beyond 0 and 1 its formula would reward what is wrong. */
export const probabilities = (name: string): Check => ({
  from: 0,
  to: 1,
  message: `${name}: target {} is no probability; targets lie from 0 to 1: scale them, or look for where they went wrong`,
});

/** A loss from its formula, which gives one loss for each element. */
export function perElement(name: string, formula: Formula, traits: Traits = {}): Loss {
  return lossOf(name, formula, traits, ({ rank }) => rank > 1);
}

/**
 * A loss without options of its own from the expression of one element's loss. As a single function of elements it is one pass
 * over predictions and targets, and its derivative is another.
 */
export function byExpression(
  name: string,
  statement: (prediction: Expression, target: Expression) => Expression,
  traits: Traits = {},
): Loss {
  const ofElement = elementwise(name, statement);
  return perElement(name, (prediction, target) => ofElement(prediction, target), traits);
}

/** A loss from its formula, which gives one loss for each row of the last axis. */
export function perRow(name: string, formula: Formula, traits: Traits = {}): Loss {
  const ofRows: Formula = (prediction, target, options) => {
    checkRows(name, "prediction", prediction);
    return formula(prediction, target, options);
  };
  return lossOf(name, ofRows, traits, () => false);
}

function lossOf(
  name: string,
  formula: Formula,
  { options: own = [], standard = "mean", targets }: Traits,
  hasOutputs: (losses: Tensor) => boolean,
): Loss {
  const check = targets?.(name);
  return named(name, (prediction: Tensor, target: Tensor, options: LossOptions = {}) => {
    checkPrediction(name, prediction);
    checkTensor(name, "the target", target);
    const reduction = checkedReduction(name, options, own, standard);
    checkAlike(name, { prediction, target });
    const known = check === undefined ? target : guarded(target, check);
    const losses = formula(prediction, known, options);
    return joined(name, losses, reduction, options.weights, { hasOutputs: hasOutputs(losses) });
  });
}

/** Throws TypeError unless a prediction is a tensor. */
export function checkPrediction(name: string, prediction: unknown): void {
  checkTensor(name, "the prediction", prediction, `write ${name}(model.forward(x), target)`);
}

/** The reduction that options ask for. Throws TypeError for options or a reduction that a loss doesn't have. */
export function checkedReduction(
  name: string,
  options: LossOptions,
  own: readonly string[] = [],
  standard: Reduction = "mean",
): Reduction {
  checkOptions(name, options, ["reduction", "weights", ...own]);
  const { reduction = standard } = options;
  if (!reductions.includes(reduction))
    throw new TypeError(
      `${name}: reduction "${String(reduction)}" is not known; use "mean", "batchMean", "sum" or "none"`,
    );
  return reduction;
}

/** Throws ShapeError unless a tensor has rows. */
export function checkRows(name: string, what: string, { rank }: Tensor): void {
  if (rank > 0) return;
  throw new ShapeError(
    `${name}: ${what} [] has no last axis, whose rows have a loss each; give [...batch, n], e.g. x.reshape([1, n])`,
  );
}

/**
 * Throws ShapeError or DTypeError unless tensors have one shape and type: broadcasting [n] against [n, 1] would silently
 * make n² losses, a classic mistake.
 */
export function checkAlike(name: string, given: Readonly<Record<string, Tensor>>): void {
  const [first, ...others] = Object.keys(given) as [string, ...string[]];
  const a = given[first]!;
  for (const other of others) {
    const b = given[other]!;
    const { shape } = b;
    if (!hasShape(b, a.shape))
      throw new ShapeError(
        `${name}: ${first} [${a.shape.join(", ")}] and ${other} [${shape.join(", ")}] differ; they must have one shape: reshape the ${other}`,
      );
    if (a.dtype !== b.dtype)
      throw new DTypeError(
        `${name}: ${first} is ${a.dtype} and ${other} ${b.dtype}; they must be of one type: ${other}.cast("${a.dtype}")`,
      );
  }
}

/** How losses are joined. */
interface Joining {
  /** Whether the last axis holds a sample's outputs. */
  readonly hasOutputs?: boolean;
  /** How much each loss counts in a mean, beside its weight. */
  readonly counts?: Tensor | null;
}

/** Losses weighted and reduced. Throws as `factors` does where weights don't fit. */
export function joined(
  name: string,
  losses: Tensor,
  reduction: Reduction,
  weights: Tensor | undefined,
  { hasOutputs = false, counts = null }: Joining = {},
): Tensor {
  const factor = weights === undefined ? null : factors(name, weights, losses);
  const weighted = factor === null ? losses : factor.gate(losses);
  const told = (result: Tensor, divisor: Reduced["divisor"] = null) =>
    noted(result, () => ({ result, reduction, weights, hasCounts: counts !== null, divisor }));
  if (reduction === "none") return told(weighted);
  if (reduction === "sum") return told(weighted.sum());
  const samples = reduction === "batchMean" && hasOutputs ? weighted.sum({ axis: -1 }) : weighted;
  if (factor === null && counts === null) return told(samples.mean());
  // Means of both, since a sum may overflow where the mean doesn't. What broadcasts has the same mean as what it becomes.
  const each = factor === null ? counts! : counts === null ? factor : factor.mul(counts);
  const mean = each.mean();
  return told(samples.mean().div(mean), { mean, size: losses.size });
}

/** Weights of losses as numbers of their type. Throws ShapeError, DTypeError or RangeError where they can't be weights of these. */
function factors(name: string, weights: Tensor, { shape, dtype }: Tensor): Tensor {
  checkTensor(name, "weights", weights);
  checkBroadcasts(name, "weights", weights, shape);
  return checkedFactors(name, "weight", weights.dtype === "bool" ? weights.cast(dtype) : weights, dtype);
}

/** Throws ShapeError unless x broadcasts to a shape, without enlarging it. */
export function checkBroadcasts(name: string, what: string, x: Tensor, shape: readonly number[]): void {
  const missing = shape.length - x.rank;
  if (missing >= 0 && x.shape.every((n, axis) => n === 1 || n === shape[axis + missing])) return;
  throw new ShapeError(
    `${name}: ${what} [${x.shape.join(", ")}] don't broadcast to the losses [${shape.join(", ")}]; give one for each, or 1 in the place of a size: one for each sample is ${what}.expandDims(-1)`,
  );
}

/** Factors of losses, once they are known to be 0 or more. Throws DTypeError for another type, RangeError for other numbers. */
export function checkedFactors(name: string, what: string, x: Tensor, dtype: Tensor["dtype"]): Tensor {
  if (x.dtype !== dtype)
    throw new DTypeError(
      `${name}: a ${what} is ${x.dtype} and the losses are ${dtype}; they must be of one type: cast("${dtype}")`,
    );
  return guarded(x, {
    from: 0,
    to: Number.MAX_VALUE,
    message: `${name}: ${what} {} must be 0 or more, and finite; a negative one would reward what is wrong`,
  });
}

/** Throws unless an option is a number for which `holds`: TypeError for what is no number, RangeError with the `rule` for others. */
export function checkNumber(
  name: string,
  option: string,
  value: unknown,
  holds: (value: number) => boolean,
  rule: string,
): void {
  if (typeof value !== "number")
    throw new TypeError(`${name}: ${option} must be a number; it is ${String(value)}`);
  if (!holds(value)) throw new RangeError(`${name}: ${option} ${value} must be ${rule}`);
}
