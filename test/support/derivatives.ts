// The judgement over derivatives: each mode against the other, and forward mode against differences with an error bar.
// At order two the same, of the derivative as a function of its own.

import { jvp, type Tensor, vjp, zeros } from "@adjoint/autograd";
import { ridders } from "./numerical.ts";
import { Dice, directions, innerProduct, numbers, tensorOf } from "./tensors.ts";

export type TensorFunction = (inputs: readonly Tensor[]) => readonly Tensor[];

export interface Judgement {
  /** Seed of the directions. */
  readonly seed: number;
  /** 2 by default: the derivative's derivatives, too. */
  readonly order?: number;
  /** The two modes must agree to the last bit: for functions that are sums of products of `spread` numbers. */
  readonly exact?: boolean;
  /** All elements move together by 1/2, so that ties last; otherwise each goes its own way. */
  readonly together?: boolean;
  /** The largest step of differences. By default 1/128: with directions below 1, `spread` numbers then never tie. */
  readonly step?: number;
}

// Rounding of some hundred operations at 2⁻⁵³ each, measured by the sum of the magnitudes that enter. A term that
// is missing or wrong shows in the third digit.
const slack = 2 ** -42;

// A bar longer than this says nothing about a term; the function was not smooth there, or the case is badly chosen.
const longestBar = 1e-6;

/** Throws where a derivative of f at the point is wrong, up to the given order. Everything float64. */
export function checkDerivatives(f: TensorFunction, point: readonly Tensor[], judgement: Judgement): void {
  judge(f, point, judgement, 1, new Dice(judgement.seed), "f");
}

const floats = (tensors: readonly Tensor[]) => tensors.filter((each) => each.dtype.startsWith("float"));

export function randomLike(tensors: readonly Tensor[], dice: Dice): Tensor[] {
  return tensors.map(({ size, shape, dtype }) => tensorOf(directions(size, dice), shape, dtype));
}

const moved = (point: readonly Tensor[], by: number): Tensor[] =>
  point.map(({ size, shape, dtype }) => tensorOf(new Array<number>(size).fill(by), shape, dtype));

function judge(
  given: TensorFunction,
  point: readonly Tensor[],
  judgement: Judgement,
  order: number,
  dice: Dice,
  name: string,
): void {
  const f = (inputs: readonly Tensor[]): Tensor[] => floats(given(inputs));
  const outputs = f(point);
  if (outputs.length === 0 || point.length === 0) return;
  const cotangents = randomLike(outputs, dice);
  const tangents = judgement.together === true ? moved(point, 0.5) : randomLike(point, dice);
  const { value, tangent } = jvp(f, [...point], tangents);
  const reverse = vjp(f, [...point]);
  const shares = reverse.pullback(cotangents);
  sameNumbers(`${name}: the value beside a tangent`, value, outputs);
  sameNumbers(`${name}: the value beside a pullback`, reverse.value, outputs);

  // ⟨u, Jv⟩ = ⟨Jᵀu, v⟩
  const forward = innerProduct(cotangents, tangent);
  const backward = innerProduct(shares, tangents);
  const scale = forward.scale + backward.scale;
  const apart = Math.abs(forward.value - backward.value);
  let allowed = judgement.exact === true ? 0 : slack * scale;
  if (apart > allowed && judgement.exact !== true) {
    const entered = entering(reverse.pullback, cotangents);
    allowed = slack * tangents.reduce((sum, tangent, k) => sum + weighted(entered[k]!, numbers(tangent)), 0);
  }
  demand(
    apart <= allowed,
    `${name}: ⟨u, Jv⟩ = ${forward.value} but ⟨Jᵀu, v⟩ = ${backward.value} (allowed ${allowed})`,
  );
  linearity(name, reverse.pullback, cotangents, shares, judgement.exact === true, dice);
  differences(f, point, {
    name,
    cotangents,
    tangents,
    forward: forward.value,
    scale,
    step: judgement.step ?? 2 ** -7,
    entered: () =>
      entering(reverse.pullback, cotangents).reduce(
        (sum, magnitudes, k) => sum + weighted(magnitudes, numbers(point[k]!)),
        0,
      ),
  });

  if (order >= (judgement.order ?? 2)) return;
  const n = point.length;
  const pulled: TensorFunction = (inputs) => vjp(f, inputs.slice(0, n)).pullback(inputs.slice(n));
  judge(pulled, [...point, ...cotangents], judgement, order + 1, dice, `the pullback of ${name}`);
  const pushed: TensorFunction = (inputs) => jvp(f, inputs.slice(0, n), inputs.slice(n)).tangent;
  judge(pushed, [...point, ...tangents], judgement, order + 1, dice, `the pushforward of ${name}`);
}

/** Jᵀ(2w + u) = 2Jᵀw + Jᵀu, and Jᵀ0 = 0. */
function linearity(
  name: string,
  pullback: (cotangent: Tensor[]) => Tensor[],
  u: readonly Tensor[],
  ofU: readonly Tensor[],
  exact: boolean,
  dice: Dice,
): void {
  const w = randomLike(u, dice);
  const ofW = pullback(w);
  const both = w.map((each, i) => each.mul(2).add(u[i]!) as Tensor);
  const ofBoth = pullback(both);
  let entered: readonly (readonly number[])[] | null = null;
  ofBoth.forEach((share, k) => {
    share.data.forEach((value: number, i: number) => {
      const [a, b] = [2 * ofW[k]!.data[i]!, ofU[k]!.data[i]!];
      const apart = Math.abs(value - (a + b));
      let allowed = exact ? 0 : slack * (Math.abs(a) + Math.abs(b) + largest(ofU) + largest(ofW));
      if (apart > allowed && !exact) {
        entered ??= [u, w, w].map((each) => entering(pullback, each)).reduce(added);
        allowed = slack * entered[k]![i]!;
      }
      demand(
        apart <= allowed,
        `${name}: the pullback is not linear: ${value} for the sum, ${a} + ${b} for its parts`,
      );
    });
  });
  for (const share of pullback(u.map((each) => zeros(each.shape, { dtype: each.dtype }))))
    demand(
      numbers(share).every((x) => x === 0),
      `${name}: the pullback of zero is not zero`,
    );
}

/**
 * For each entry of the inputs the sum of what enters its share of the cotangents, |uᵢ·Jᵢⱼ| over all outputs i. Where all of
 * that cancels, nothing is left to measure rounding by but this. It takes a sweep for each output, so it is asked for only
 * where the size of the shares does not explain a difference.
 */
function entering(pullback: (cotangent: Tensor[]) => Tensor[], u: readonly Tensor[]): number[][] {
  const sweeps = u.flatMap((tensor, o) =>
    numbers(tensor).map((ui, i) => {
      const alone = u.map(({ size, shape, dtype }, k) =>
        tensorOf(
          Array.from({ length: size }, (_, j) => (k === o && j === i ? ui : 0)),
          shape,
          dtype,
        ),
      );
      return pullback(alone).map((share) => numbers(share).map(Math.abs));
    }),
  );
  return sweeps.reduce(added);
}

const added = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] =>
  a.map((list, k) => list.map((value, i) => value + b[k]![i]!));

const weighted = (magnitudes: readonly number[], by: readonly number[]): number =>
  magnitudes.reduce((sum, each, i) => sum + each * Math.abs(by[i]!), 0);

const largest = (tensors: readonly Tensor[]) => Math.max(0, ...tensors.flatMap(numbers).map(Math.abs));

interface Along {
  readonly name: string;
  readonly cotangents: readonly Tensor[];
  readonly tangents: readonly Tensor[];
  readonly forward: number;
  readonly scale: number;
  readonly step: number;
  /** The sum of what each entry of the point brings to the result by its slope. */
  readonly entered: () => number;
}

function differences(
  f: (inputs: readonly Tensor[]) => Tensor[],
  point: readonly Tensor[],
  { name, cotangents, tangents, forward, scale, step, entered }: Along,
): void {
  // Not 0, so that a function that is zero everywhere has a size to measure its bar by.
  let size = 2 ** -900;
  /** What enters the function, where its results alone don't explain its rounding: they may be what is left of large terms. */
  let least = 0;
  const along = (t: number) => {
    const shifted = point.map((x, k) => {
      const direction = tangents[k]!.data;
      return tensorOf(
        Array.from(x.data, (xi: number, i: number) => xi + t * direction[i]!),
        x.shape,
        x.dtype,
      );
    });
    const product = innerProduct(cotangents, f(shifted));
    size = Math.max(size, product.scale);
    // A composition of some dozen roundings, by the sum of magnitudes.
    return { value: product.value, error: 2 ** -48 * Math.max(product.scale, least) + 2 ** -1000 };
  };
  let { value, error } = ridders(along, 0, step);
  if (Math.abs(value - forward) > error + slack * scale) {
    least = entered();
    ({ value, error } = ridders(along, 0, step));
  }
  if (Math.abs(value - forward) > error + slack * scale) {
    // Steps across many jumps, such as those of mod(x, y) for a small y, converge to the trend. Smaller ones tell.
    const finer = ridders(along, 0, step * 2 ** -7);
    if (Math.abs(finer.value - value) > finer.error + error) ({ value, error } = finer);
  }
  demand(
    error <= longestBar * (scale + size),
    `${name}: differences are inconclusive: ${value} ± ${error}, forward mode ${forward}`,
  );
  demand(
    Math.abs(value - forward) <= error + slack * scale,
    `${name}: forward mode gives ${forward}, differences ${value} ± ${error}`,
  );
}

function sameNumbers(what: string, actual: readonly Tensor[], expected: readonly Tensor[]): void {
  actual.forEach((tensor, k) => {
    demand(
      tensor.data.every((x: number, i: number) => Object.is(x, expected[k]!.data[i])),
      `${what} is ${tensor.toString()}, without ${expected[k]!.toString()}`,
    );
  });
}

/** A failure is a failed demand: the same for tests of the engine and for tests that a broken rule is caught. */
export function demand(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
