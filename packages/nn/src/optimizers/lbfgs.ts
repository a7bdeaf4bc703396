// L-BFGS: a quasi-Newton method for losses that are the same whenever they are computed.

import { CompileError, compile, type Tensor, tensor, type Variable } from "@adjoint/autograd";
import { checkFunction, checkOptions } from "../arguments.ts";
import { strongWolfe, type Trial } from "./line-search.ts";
import { checkVariables, differentiated, trainable, type VariableSet } from "./optimizer.ts";
import { checkNotNegative, checkPositive, checkWhole } from "./ranges.ts";
import { Stateful } from "./state.ts";

/** The options of `lbfgs`. */
export interface LbfgsOptions {
  /** The step that a line search tries first; 1 by default. */
  readonly learningRate?: number;
  /** How many iterations `minimize` does at most; 20 by default. */
  readonly iterations?: number;
  /** How often `minimize` computes the loss and its gradient at most; 1.25 times the iterations by default. */
  readonly evaluations?: number;
  /** From how many of the last steps curvature is known; 100 by default. */
  readonly history?: number;
  /** Ends where no element of the gradient is larger; 1e-7 by default. */
  readonly gradientTolerance?: number;
  /** Ends where neither the loss nor a variable changes by more; 1e-9 by default. */
  readonly changeTolerance?: number;
}

// Loops: a callback for each of some hundred thousand numbers would take most of an evaluation's time.
function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function largest(a: Float64Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]!));
  return most;
}

/** Variables as one vector. */
class Vector {
  readonly size: number;
  readonly #parts: readonly Variable[];

  constructor(parts: readonly Variable[]) {
    this.#parts = parts;
    this.size = parts.reduce((sum, { size }) => sum + size, 0);
  }

  join(tensors: readonly (Tensor | undefined)[]): Float64Array {
    const joined = new Float64Array(this.size);
    let start = 0;
    this.#parts.forEach(({ size }, i) => {
      const part = tensors[i];
      if (part !== undefined) joined.set(part.data as Float64Array, start);
      start += size;
    });
    return joined;
  }

  read = (): Float64Array => this.join(this.#parts);

  write(numbers: Float64Array): void {
    let start = 0;
    for (const part of this.#parts) {
      const own = numbers.slice(start, (start += part.size));
      part.assign(tensor(own, { dtype: "float64", shape: part.shape }).cast(part.dtype));
    }
  }
}

/** One pair of the history: a step, and how the gradient changed over it. */
interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** The product of both, which every direction needs twice. */
  readonly product: number;
}

const pairOf = (step: Float64Array, change: Float64Array): Pair => ({
  step,
  change,
  product: dot(change, step),
});

const sizeOf = ({ step, change }: Pair): number => largest(step) + largest(change);

/** Minus the inverse Hessian, as the pairs know it, times the gradient. Nocedal & Wright (2006), algorithm 7.4. */
function directionOf(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = gradient.map((each) => -each);
  const add = (vector: Float64Array, times: number) => {
    for (let i = 0; i < direction.length; i++) direction[i]! += times * vector[i]!;
  };
  const shares = pairs.toReversed().map(({ step, change, product }) => {
    const share = dot(step, direction) / product;
    add(change, -share);
    return share;
  });
  const last = pairs.at(-1);
  if (last !== undefined) {
    const scale = last.product / dot(last.change, last.change);
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  shares.reverse();
  pairs.forEach(({ step, change, product }, i) => {
    add(step, shares[i]! - dot(change, direction) / product);
  });
  return direction;
}

/** Whether the same variables have the same paths, in the same order. */
function isSame(a: Readonly<Record<string, Variable>>, b: Readonly<Record<string, Variable>>): boolean {
  const paths = Object.keys(a);
  return paths.join() === Object.keys(b).join() && paths.every((path) => a[path] === b[path]);
}

type Evaluate = () => ReturnType<typeof differentiated>;

/** The optimizer that `lbfgs` makes. */
export class Lbfgs extends Stateful {
  readonly #options: Required<LbfgsOptions>;
  /** For each compiled loss the variables that it was last minimized in, by path, and the program of both. */
  readonly #programs = new WeakMap<
    () => Tensor,
    { readonly trained: Readonly<Record<string, Variable>>; readonly program: Evaluate }
  >();

  constructor(options: Required<LbfgsOptions>) {
    super("lbfgs");
    this.#options = options;
  }

  /**
   * Up to `iterations` iterations, each a line search along a quasi-Newton direction. The loss must be the same
   * whenever it is computed. It may be a compiled function, and is many times as fast then: it and its gradient become
   * one program, which is kept for the next call with this very function and the same variables. What was learned of
   * its curvature is kept for the next call, in `common`. Variables that the loss does not reach, or that are not
   * trainable, stay as they are, as do all where something throws. Its steps are made of numbers, so that no derivative
   * goes through them: what it leaves in variables are constants to `grad` and all other transforms, and so is the loss
   * that it returns, the one before. Throws CompileError within `compile`, RangeError where the loss is not finite at
   * the start, and Error for loaded memory that is not its own. The loss is a single number.
   */
  minimize(loss: () => Tensor, variables: VariableSet): Tensor {
    checkFunction("lbfgs", "the loss", loss, "() => meanSquaredError(model.forward(x), y)");
    const set = checkVariables("lbfgs", variables);
    const trained = trainable(set);
    const all = Object.values(trained);
    const before = all.map(({ value }) => value);
    return this.forgettingFailures(() => {
      try {
        return this.#minimize(loss, trained, Object.keys(set).length);
      } catch (error) {
        all.forEach((each, i) => {
          if (each.value !== before[i]) each.assign(before[i]!);
        });
        throw error;
      }
    });
  }

  #minimize(loss: () => Tensor, trained: Readonly<Record<string, Variable>>, count: number): Tensor {
    const { learningRate, iterations, evaluations, gradientTolerance, changeTolerance } = this.#options;
    const evaluated = this.#evaluator(loss, trained);
    const value = evaluated();
    const paths = Object.keys(trained);
    if (Object.keys(value.gradients).length === 0)
      throw new Error(
        `lbfgs: none of ${count} variables has a gradient; minimize a loss made of them, and leave what is trained trainable`,
      );
    if (!value.value.isKnown)
      throw new CompileError(
        "lbfgs: its steps depend on the loss's numbers, which a compiled function doesn't know; call minimize outside of compile, and compile the loss: minimize(compile(loss), set)",
      );
    if (!Number.isFinite(value.value.item()))
      throw new RangeError(
        `lbfgs: the loss is ${value.value.item()} where it starts, and nothing can be compared with it; start where it is finite`,
      );
    for (const path of paths) this.claim(path, trained[path]!);
    const vector = new Vector(Object.values(trained));
    const gradientIn = (gradients: Readonly<Record<string, Tensor>>) =>
      vector.join(paths.map((path) => gradients[path]));
    const pairs = this.#pairs(vector.size);
    this.checkAsked(paths);
    let at = vector.read();
    let here = { loss: value.value.item(), gradient: gradientIn(value.gradients) };
    let used = 1;
    for (let i = 0; i < iterations && used < evaluations; i++) {
      if (largest(here.gradient) <= gradientTolerance) break;
      const direction = directionOf(here.gradient, pairs);
      const slope = dot(here.gradient, direction);
      if (slope > -changeTolerance) break;
      // Nothing is known yet of how long a step may be.
      const sum = here.gradient.reduce((all, each) => all + Math.abs(each), 0);
      const first = learningRate * (pairs.length === 0 ? Math.min(1, 1 / sum) : 1);
      const along = (step: number) => at.map((each, k) => each + step * direction[k]!);
      const evaluate = (step: number): Trial => {
        used++;
        vector.write(along(step));
        const { value: there, gradients } = evaluated();
        const gradient = gradientIn(gradients);
        return { at: step, loss: there.item(), slope: dot(gradient, direction), gradient };
      };
      const start: Trial = { at: 0, loss: here.loss, slope, gradient: here.gradient };
      const limits = { most: evaluations - used, leastChange: changeTolerance };
      const found = strongWolfe(evaluate, start, first, largest(direction), limits);
      vector.write(along(found.at));
      const next = vector.read();
      const step = next.map((each, k) => each - at[k]!);
      const change = found.gradient.map((each, k) => each - here.gradient[k]!);
      // A pair without positive curvature would make directions that ascend.
      const pair = pairOf(step, change);
      if (pair.product > 1e-10) pairs.push(pair);
      if (pairs.length > this.#options.history) pairs.shift();
      const [fallen, moved] = [Math.abs(found.loss - here.loss), largest(step)];
      at = next;
      here = found;
      if (moved <= changeTolerance || fallen < changeTolerance) break;
    }
    this.#keep(pairs, vector.size, used);
    return value.value.detach();
  }

  /** The loss and its gradient, as one program where the loss is a compiled function: whoever compiled it says that it can be. */
  #evaluator(loss: () => Tensor, trained: Readonly<Record<string, Variable>>): Evaluate {
    const evaluate = () => differentiated("lbfgs", loss, trained);
    if (!("programs" in loss)) return evaluate;
    const known = this.#programs.get(loss);
    if (known !== undefined && isSame(known.trained, trained)) return known.program;
    const program = compile(evaluate);
    this.#programs.set(loss, { trained, program });
    return program;
  }

  #kept(size: number) {
    const memory = this.memories({})(null);
    const { history } = this.#options;
    return {
      count: memory("pairs"),
      used: memory("evaluations"),
      steps: memory("steps", [history, size]),
      changes: memory("changes", [history, size]),
    };
  }

  #pairs(size: number): Pair[] {
    const { count, steps, changes } = this.#kept(size);
    const row = (of: Variable, i: number) => (of.data as Float64Array).slice(i * size, (i + 1) * size);
    const known = count.item();
    const { history } = this.#options;
    if (!(Number.isInteger(known) && known >= 0 && known <= history))
      throw new Error(
        `lbfgs: the memory "pairs" is ${known} and must be a whole number from 0 to the history, ${history}; load what was saved of the same optimizer`,
      );
    const pairs = Array.from({ length: known }, (_, i) => pairOf(row(steps, i), row(changes, i)));
    // Others would lead uphill, or anywhere.
    const wrong = pairs.findIndex((pair) => !(pair.product > 0 && Number.isFinite(sizeOf(pair))));
    if (wrong >= 0)
      throw new Error(
        `lbfgs: the memory "steps" and "changes" have no positive curvature in row ${wrong}, as every pair that it keeps has; load what was saved of the same optimizer`,
      );
    return pairs;
  }

  #keep(pairs: readonly Pair[], size: number, used: number): void {
    const kept = this.#kept(size);
    const rows = (of: readonly Float64Array[]) => {
      const all = new Float64Array(this.#options.history * size);
      of.forEach((row, i) => {
        all.set(row, i * size);
      });
      return tensor(all, { dtype: "float64", shape: kept.steps.shape });
    };
    kept.count.assign(pairs.length);
    kept.used.assign(kept.used.value.add(used));
    kept.steps.assign(rows(pairs.map(({ step }) => step)));
    kept.changes.assign(rows(pairs.map(({ change }) => change)));
  }
}

/**
 * L-BFGS with a line search for the strong Wolfe conditions, in float64 over all variables as one vector. Liu & Nocedal
 * (1989); as PyTorch's LBFGS with `line_search_fn="strong_wolfe"`. It has `minimize` only, through which no derivative goes.
 * Throws RangeError for options out of range.
 */
export function lbfgs(options: LbfgsOptions = {}): Lbfgs {
  const names = ["learningRate", "iterations", "evaluations", "history"];
  checkOptions("lbfgs", options, [...names, "gradientTolerance", "changeTolerance"]);
  const { learningRate = 1, iterations = 20, history = 100 } = options;
  const { gradientTolerance = 1e-7, changeTolerance = 1e-9 } = options;
  checkPositive("lbfgs", "learningRate", learningRate, "1");
  checkWhole("lbfgs", "iterations", iterations, 20);
  checkWhole("lbfgs", "history", history, 10);
  const { evaluations = Math.max(2, Math.floor(1.25 * iterations)) } = options;
  checkWhole("lbfgs", "evaluations", evaluations, 25, 2);
  checkNotNegative("lbfgs", "gradientTolerance", gradientTolerance, "1e-7");
  checkNotNegative("lbfgs", "changeTolerance", changeTolerance, "1e-9");
  return new Lbfgs({ learningRate, iterations, evaluations, history, gradientTolerance, changeTolerance });
}
