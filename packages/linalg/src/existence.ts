// What happens where a result, or its derivative, does not exist: an error where numbers can be read, which says why,
// and NaN where they can't, in compiled functions, in `record` and under `vmap`. Everywhere a zero is stronger than
// that: what does not move, or has no part in the outcome, changes nothing.

import { definePrimitive, type PrimitiveFunction, type Shape, type Tensor, where } from "@adjoint/autograd";
import { shapeText, takesBatches } from "./arguments.ts";

/** Whether x, computed from a, has NaN although a is finite: a step that gave up. False where numbers can't be read. */
export const gaveUp = (x: Tensor, a: Tensor): boolean =>
  x.isKnown && a.isKnown && x.data.some(Number.isNaN) && a.data.every(Number.isFinite);

// A derivative's state, for each matrix or each of its columns.
const EXISTS = 0;
const NOT_A_NUMBER = 1;
const REFUSED = 2;

/** The state of derivatives: refused where `isRight` is false, and none of that where the result itself is NaN. */
export const stateOf = (isNumber: Tensor, isRight: Tensor): Tensor =>
  where(isNumber, where(isRight, EXISTS, REFUSED), NOT_A_NUMBER).cast("int32");

/** The state of derivatives of results that are NaN where there is none: for each matrix. */
export const stateOfNumbers = (x: Tensor): Tensor => where(areNumbers(x), EXISTS, NOT_A_NUMBER).cast("int32");

/** Whether no element of a matrix is NaN: [..., m, n] → [...]. */
export const areNumbers = (x: Tensor): Tensor =>
  x
    .detach()
    .equal(x.detach())
    .all({ axis: [-2, -1] });

/** Whether all derivatives exist, which is nearly always so and saves the rest; false where numbers can't be read. */
const allExist = (state: Tensor): boolean =>
  state.isKnown && state.data.every((each: number) => each === EXISTS);

/** For each matrix of x: itself where its state is that derivatives exist, else `other`. */
export const whereExisting = (state: Tensor, x: Tensor, other: Tensor | number): Tensor =>
  allExist(state) ? x : where(spreadTo(state.equal(EXISTS), x), x, other);

/** A tensor over leading axes, with axes of size 1 for the others of x. */
const spreadTo = (leading: Tensor, x: Tensor): Tensor =>
  leading.reshape([...leading.shape, ...x.shape.slice(leading.rank).map(() => 1)]);

export interface Complaint {
  /** The function whose derivative it is. */
  readonly operation: string;
  /** Why there is none, and the way out. */
  readonly why: string;
}

export interface Unknown extends Complaint {
  /** The shape of the derivative, for the error. */
  readonly shape: Shape;
  /** The axes of the result after those of the state. */
  readonly tail: readonly number[];
}

/** Throws where a derivative is refused, and not zero, if numbers can be read. `state` broadcasts to `moved`. */
function complain(moved: Tensor, state: Tensor, { operation, why }: Complaint, shape: Shape): void {
  if (!moved.isKnown || !state.isKnown) return;
  if (moved.notEqual(0).and(state.equal(REFUSED)).any().item() === 1)
    throw new RangeError(`${operation}: ${shapeText(shape)}: no derivative: ${why}`);
}

/**
 * The linear map of which nothing is known: x [..., …] and a state [...] → [..., ...tail], NaN where there is no
 * derivative and anything in x is not zero, and 0 elsewhere. Its transpose is such a map, too.
 */
export const unknownStep: PrimitiveFunction<Unknown> = definePrimitive<Unknown>({
  name: "unknown",
  shape: ([, state], { tail }) => [...state!, ...tail],
  value([x, state], out) {
    const count = state!.data.length;
    for (let k = 0; k < count; k++) {
      const part = (data: typeof out) =>
        data.subarray((k * data.length) / count, ((k + 1) * data.length) / count);
      if (state!.data[k] !== EXISTS && part(x!.data).some((each: number) => each !== 0)) part(out).fill(NaN);
    }
  },
  shifted: takesBatches,
  pullback: ({ inputs: [x, state], attributes }, dy) => [unknown(dy, state!, x!, attributes), null],
  pushforward: ({ inputs: [, state], output, attributes }, [dx]) =>
    dx == null ? null : unknown(dx, state!, output, attributes),
});

/** What is unknown of a derivative that is like another tensor, where x moves. Throws where it is refused. */
function unknown(
  x: Tensor,
  state: Tensor,
  like: Tensor,
  complaint: Complaint & { readonly shape: Shape },
): Tensor {
  complain(x, spreadTo(state, x), complaint, complaint.shape);
  return unknownStep(x, state, { ...complaint, tail: like.shape.slice(state.rank) });
}

/**
 * A derivative, or what a rule computes for it where there is none, made true: it is zero where the state is not that
 * it exists and nothing of `moved` is other than zero, and NaN, or an error, where something is.
 */
export function defined(
  derivative: Tensor,
  moved: readonly (Tensor | null | undefined)[],
  state: Tensor,
  complaint: Complaint,
): Tensor {
  if (allExist(state)) return derivative;
  return moved.reduce<Tensor>(
    (sum, each) =>
      each == null ? sum : sum.add(unknown(each, state, sum, { ...complaint, shape: derivative.shape })),
    whereExisting(state, derivative, 0),
  );
}

/**
 * x itself, with a derivative where the state says so, which has the rank of x and broadcasts to it: each element by
 * itself.
 */
export const existing = (x: Tensor, state: Tensor, complaint: Complaint): Tensor =>
  allExist(state) ? x : existingStep(x, state, complaint);

export const existingStep: PrimitiveFunction<Complaint> = definePrimitive<Complaint>({
  name: "existing",
  shape: ([x]) => x!,
  value([x], out) {
    out.set(x!.data);
  },
  shifted: takesBatches,
  pullback: ({ inputs: [, state], attributes }, dy) => [held(dy, state!, attributes), null],
  pushforward: ({ inputs: [, state], attributes }, [dx]) =>
    dx == null ? null : held(dx, state!, attributes),
});

function held(derivative: Tensor, state: Tensor, complaint: Complaint): Tensor {
  complain(derivative, state, complaint, derivative.shape);
  return derivative.gate(where(state.equal(EXISTS), 1, NaN).cast(derivative.dtype));
}
