// The families of primitives. A derivative is stated once for a family: a linear primitive gives its adjoint,
// a bilinear one an adjoint a side; both modes follow.

import type { Applied, Description, Primitive } from "../tape/primitive.ts";
import type { Tensor } from "./tensor.ts";

/** A primitive with both rules. */
export type Differentiable<A> = Primitive<A> & Required<Pick<Primitive<A>, "pushforward" | "pullback">>;

type Core<A> = Pick<
  Primitive<A>,
  "name" | "describe" | "evaluate" | "label" | "lowering" | "composed" | "guard" | "examples"
>;

interface Linear<A> extends Core<A> {
  /** The cotangent of input i, from the output's: the transposed map. */
  adjoint(cotangent: Tensor, input: Description, i: number, step: Applied<A>): Tensor | null;
}

/** A primitive linear in all its inputs together: forward mode is the operation itself. */
export function linear<A>(statement: Linear<A>): Differentiable<A> {
  const { adjoint, ...core } = statement;
  const primitive: Differentiable<A> = {
    ...core,
    pushforward({ inputs, attributes }, tangents) {
      const moving = tangents.find((tangent) => tangent !== null);
      if (moving === undefined || moving === null) return null;
      const operands = tangents.map((tangent, i) => tangent ?? moving.zerosOf(inputs[i]!.shape));
      return moving.apply(primitive, operands, attributes);
    },
    pullback: (step, cotangent, wanted) =>
      step.inputs.map((input, i) => (wanted[i] ? adjoint(cotangent, input, i, step) : null)),
  };
  return primitive;
}

interface Bilinear<A> extends Core<A> {
  /** The left input's cotangent, given the right one, and the other way round. */
  adjoints: readonly [
    (cotangent: Tensor, right: Tensor, left: Description, attributes: A) => Tensor,
    (cotangent: Tensor, left: Tensor, right: Description, attributes: A) => Tensor,
  ];
  /** The same operation as its rules use it, where zero wins over infinity; itself where that makes no difference. */
  inRules?(): Primitive<A>;
}

/** A primitive linear in each of two inputs: the product rule gives forward mode. */
export function bilinear<A>(statement: Bilinear<A>): Differentiable<A> {
  const { adjoints, inRules, ...core } = statement;
  const primitive: Differentiable<A> = {
    ...core,
    pushforward({ inputs: [a, b], attributes }, [da, db]) {
      const product = inRules?.() ?? primitive;
      const left = da == null ? null : da.apply(product, [da, b!], attributes);
      const right = db == null ? null : db.apply(product, [a!, db], attributes);
      return left === null ? right : right === null ? left : left.accumulate(right);
    },
    pullback({ inputs: [a, b], attributes }, cotangent, wanted) {
      return [
        wanted[0] ? adjoints[0](cotangent, b!, a!, attributes) : null,
        wanted[1] ? adjoints[1](cotangent, a!, b!, attributes) : null,
      ];
    },
  };
  return primitive;
}

/** A primitive whose result does not move with its inputs: indices, comparisons, random bits. */
export function constant<A>(core: Core<A>): Differentiable<A> {
  return { ...core, pushforward: () => null, pullback: ({ inputs }) => inputs.map(() => null) };
}
