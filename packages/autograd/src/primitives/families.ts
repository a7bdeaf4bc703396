// The families of primitives. A derivative is stated once for a family: a linear primitive gives its adjoint,
// a bilinear one gives an adjoint for each side; both modes follow.

import type { Description } from "../array/description.ts";
import type { NDArray } from "../array/ndarray.ts";
import { apply } from "../tape/apply.ts";
import type { View } from "../tape/lowering.ts";
import { type Applied, algebraOf, type Primitive, type Value } from "../tape/value.ts";
import { zerosOf } from "../tape/zeros.ts";

/** A primitive with both rules. */
export type Differentiable<A> = Primitive<A> & Required<Pick<Primitive<A>, "pushforward" | "pullback">>;

type Core<A> = Pick<
  Primitive<A>,
  | "name"
  | "describe"
  | "evaluate"
  | "label"
  | "lowering"
  | "composed"
  | "guard"
  | "isBelow"
  | "examples"
  | "shifted"
  | "batched"
  | "summed"
>;

interface Linear<A> extends Core<A> {
  describe(inputs: readonly Description[], attributes: A): Description;
  /** The cotangent of input i, from the output's: the transposed map. */
  adjoint(cotangent: Value, input: Description, i: number, step: Applied<A>): Value | null;
}

/** A primitive linear in all its inputs together: forward mode is the operation itself. */
export function linear<A>(statement: Linear<A>): Differentiable<A> {
  const { adjoint, ...core } = statement;
  const primitive: Differentiable<A> = {
    ...core,
    pushforward({ inputs, attributes }, tangents) {
      const moving = tangents.find((tangent) => tangent !== null);
      if (moving == null) return null;
      const operands = tangents.map(
        (tangent, i) => tangent ?? zerosOf({ shape: inputs[i]!.shape, dtype: moving.dtype }, moving),
      );
      return apply(primitive, operands, attributes);
    },
    pullback: (step, cotangent: Value, wanted) =>
      step.inputs.map((input, i) => (wanted[i] ? adjoint(cotangent, input, i, step) : null)),
  };
  return primitive;
}

interface Viewing<A> extends Omit<Linear<A>, "evaluate" | "lowering"> {
  /** How each axis of the result walks the operand. */
  view(attributes: A, input: Description, output: Description): View;
}

/** A primitive that reads its operand in another order, without copying: its value and its loops follow from how it walks. */
export function viewing<A>({ view, ...statement }: Viewing<A>): Differentiable<A> {
  return linear<A>({
    ...statement,
    evaluate: ([x], attributes, output: Description) => walked(x!, view(attributes, x!, output), output),
    lowering: (attributes, [x], output) => ({ family: "view", view: view(attributes, x!, output) }),
  });
}

/** An array as a view shows it. */
export function walked(x: NDArray, { starts, axes }: View, { shape }: Pick<Description, "shape">): NDArray {
  if (x.size === 0)
    return x.view(
      shape,
      shape.map(() => 0),
    );
  let { offset } = x;
  for (let axis = 0; axis < starts.length; axis++) offset += starts[axis]! * x.strides[axis]!;
  const strides = axes.map((walk) => (walk === null ? 0 : walk.step * x.strides[walk.axis]!));
  return x.view(shape, strides, offset);
}

interface Bilinear<A> extends Core<A> {
  /** The left input's cotangent, given the right one, and the other way round. */
  adjoints: readonly [
    (cotangent: Value, right: Value, left: Description, attributes: A) => Value,
    (cotangent: Value, left: Value, right: Description, attributes: A) => Value,
  ];
  /** The operation that the rules use, in which zero wins over infinity; absent where the operation itself can be used. */
  inRules?(): Primitive<A>;
}

/** A primitive linear in each of two inputs: the product rule gives forward mode. */
export function bilinear<A>(statement: Bilinear<A>): Differentiable<A> {
  const { adjoints, inRules, ...core } = statement;
  const primitive: Differentiable<A> = {
    ...core,
    pushforward({ inputs: [a, b], attributes }, [da, db]) {
      const product = inRules?.() ?? primitive;
      const left = da == null ? null : apply(product, [da, b!], attributes);
      const right = db == null ? null : apply(product, [a!, db], attributes);
      return left === null ? right : right === null ? left : algebraOf(left).plus(left, right);
    },
    pullback({ inputs: [a, b], attributes }, cotangent: Value, wanted) {
      return [
        wanted[0] ? adjoints[0](cotangent, b!, a!, attributes) : null,
        wanted[1] ? adjoints[1](cotangent, a!, b!, attributes) : null,
      ];
    },
  };
  return primitive;
}

/** A primitive whose result has derivative zero: indices, comparisons, random bits. */
export function constant<A>(core: Core<A>): Differentiable<A> {
  return { ...core, pushforward: () => null, pullback: ({ inputs }) => inputs.map(() => null) };
}
