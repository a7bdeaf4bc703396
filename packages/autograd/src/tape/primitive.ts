// What a primitive is: an operation between tensors, with its shape rule, its value and its derivative in
// both modes. Readers of a tape ask a primitive for these and never for its name.

import type { DType } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { Shape } from "../array/shape-types.ts";
import type { Tensor } from "../primitives/tensor.ts";
import type { Lowering } from "./lowering.ts";

/** Shape and type: what is known of a tensor before its numbers. */
export interface Description {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What a primitive did once: its operands, its result, and what else it was told. */
export interface Applied<A> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly attributes: A;
}

/**
 * Operands that fit together, for the property tests: they fill them with numbers, in both float types, and attack the
 * primitive's value and rules with them.
 */
export interface Example<A> {
  readonly shapes: readonly Shape[];
  readonly attributes?: A;
  /** What the operands hold: "float", the default, or, say, indices. */
  readonly dtypes?: readonly ("float" | "int32" | "bool")[];
  /** Where the numbers lie: −2 to 2 by default. For a primitive that is not smooth or not defined everywhere. */
  readonly between?: readonly [low: number, high: number];
}

/** A look at one operand's numbers, which throws where they are not allowed. */
export interface Guard<A> {
  readonly operand: number;
  look(numbers: NDArray, attributes: A, inputs: readonly Description[]): void;
}

/**
 * An operation between tensors. Derivative rules speak in tensor operations, so their results can be
 * differentiated again. A rule that answers null says: zero everywhere.
 */
export interface Primitive<A = unknown> {
  readonly name: string;
  /** The result's shape and type. Throws ShapeError or DTypeError where the operands don't fit. */
  describe(inputs: readonly Description[], attributes: A): Description;
  /** The result's numbers; may be a view of an operand. */
  evaluate(inputs: readonly NDArray[], attributes: A, output: Description): NDArray;
  /**
   * Forward mode: the output's tangent. `tangents[i]` is null where input i does not move.
   * Where only one of the two rules is stated, the sweeps derive the other by transposing it.
   */
  pushforward?(step: Applied<A>, tangents: readonly (Tensor | null)[]): Tensor | null;
  /** Reverse mode: the inputs' cotangents. Those not `wanted` may be null. */
  pullback?(step: Applied<A>, cotangent: Tensor, wanted: readonly boolean[]): readonly (Tensor | null)[];
  /** The attributes as a listing shows them. */
  label?(attributes: A): string;
  /** Which loops it is, for a compiler; absent, or null for these attributes and operands: programs call `evaluate`. */
  lowering?(attributes: A, inputs: readonly Description[], output: Description): Lowering<A> | null;
  /** For programs, where no lowering says how loops compute it: the same, made of other primitives. */
  composed?(inputs: readonly Tensor[], attributes: A): Tensor;
  /** The same with every number that is computed on the way to a result exchanged for another; absent: there is none. */
  disturbed?(exchange: (value: number) => number): Primitive<A>;
  /** Numbers that `evaluate` would throw at: looked at before a compiled program changes anything. */
  readonly guard?: Guard<A>;
  /** What the property tests attack it with. */
  readonly examples?: readonly Example<A>[];
}

/** A step of a tape: what made a tensor. */
export interface Step<A = unknown> {
  readonly primitive: Primitive<A>;
  readonly inputs: readonly Tensor[];
  readonly attributes: A;
}
