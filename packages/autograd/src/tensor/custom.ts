// definePrimitive(): how users define operations that are not elementwise and not made of others.

import { kindOf } from "../array/arguments.ts";
import type { Description } from "../array/description.ts";
import { allocateAlone, checkDType, type DType, type TypedArray } from "../array/dtype.ts";
import { ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { checkShape, shapeText, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { apply } from "../tape/apply.ts";
import type { Applied, Example, Primitive } from "../tape/value.ts";
import { loweringOf, type OwnLowering } from "./own-lowering.ts";
import { asTensor, Tensor } from "./tensor.ts";

/** An operation's operands as it sees them: row-major elements and shape. */
export interface Operand extends Description {
  readonly data: TypedArray;
}

/** What a user states about a new primitive. A is the type of its attributes: what it takes beside its tensors. */
export interface PrimitiveStatement<A> {
  /** Its name in listings and errors. */
  readonly name: string;
  /** The result's shape from the inputs'. Throw ShapeError where they don't fit. */
  readonly shape: (shapes: readonly Shape[], attributes: A) => Shape;
  /** The result's type from the inputs'; the first one's by default. */
  readonly dtype?: (dtypes: readonly DType[], attributes: A) => DType;
  /** Writes the result's elements, row-major, into `out`, which starts as zeros. */
  readonly value: (inputs: readonly Operand[], out: TypedArray, attributes: A, shape: Shape) => void;
  /**
   * Reverse mode, in tensor operations, so that it can be differentiated again: the inputs' cotangents from the
   * output's; null for none. Forward mode follows by transposition where it is not stated.
   */
  readonly pullback?: (step: Applied<A, Tensor>, cotangent: Tensor) => readonly (Tensor | null)[];
  /** Forward mode: the output's tangent; a null among `tangents` is zero. Reverse mode follows where it is not stated. */
  readonly pushforward?: (step: Applied<A, Tensor>, tangents: readonly (Tensor | null)[]) => Tensor | null;
  /**
   * How a compiled program's loops compute it: kernels then do, fused with what stands beside it, where a program calls
   * `value` otherwise. Null for shapes, types or attributes for which loops can't. It must give what `value` gives;
   * `checkPrimitive` compares the two on the examples. Throws what it says of shapes that can't be.
   */
  readonly lowering?: (
    inputs: readonly Description[],
    attributes: A,
    output: Description,
  ) => OwnLowering | null;
  /** Operands that fit together, for `checkPrimitive` and for the property tests. */
  readonly examples?: readonly Example<A>[];
}

/** A primitive as a function of its tensors, then its attributes if it has any. */
export interface PrimitiveFunction<A> {
  <R extends Shape = Shape>(...inputs: A extends void ? Tensor[] : [...Tensor[], A]): Tensor<R>;
  readonly primitive: Primitive<A>;
}

/**
 * A new operation between tensors: shape rule, value and derivative. Everything that reads a tape treats it like
 * a built-in one. Throws ShapeError when a result does not have the shape its rule says, or a rule's cotangent not that of its input.
 */
export function definePrimitive<A = void>(statement: PrimitiveStatement<A>): PrimitiveFunction<A> {
  checkStatement(statement);
  const primitive = primitiveOf(statement);
  const call = (...args: unknown[]): Tensor => {
    const inputs = args.filter(isTensor);
    const rest = args.slice(inputs.length);
    const [first] = inputs;
    if (first === undefined || rest.length > 1 || rest.some(isTensor)) {
      throw new TypeError(
        `${statement.name}: takes tensors, then at most one object of attributes; got ${args.length} arguments, ${inputs.length} of them tensors`,
      );
    }
    return asTensor(apply(primitive, inputs, rest[0] as A));
  };
  return Object.assign(call, { primitive }) as PrimitiveFunction<A>;
}

function checkStatement(statement: unknown): void {
  const { name, shape, value } = (statement ?? {}) as { name?: unknown; shape?: unknown; value?: unknown };
  if (typeof name === "string" && typeof shape === "function" && typeof value === "function") return;
  throw new TypeError(
    `definePrimitive: ${typeof name === "string" ? `"${name}" ` : ""}lacks ${typeof name !== "string" ? "a name" : typeof shape !== "function" ? "a shape rule" : "a value"}; state { name, shape: (shapes) => …, value: (inputs, out) => … } and a pullback or a pushforward`,
  );
}

const bare = ({ shape, dtype }: Description): Description => ({ shape, dtype });

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

function primitiveOf<A>(statement: PrimitiveStatement<A>): Primitive<A> {
  const { name, pullback, pushforward, lowering, examples } = statement;
  return {
    name,
    mayThrow: true,
    describe(inputs, attributes) {
      const shape = statement.shape(
        inputs.map((input) => input.shape),
        attributes,
      );
      checkShape(shape, `${name}: its shape rule`);
      const dtype = checkDType(
        statement.dtype?.(
          inputs.map((input) => input.dtype),
          attributes,
        ) ?? inputs[0]!.dtype,
        `${name}: its type rule`,
      );
      return { shape, dtype };
    },
    evaluate(inputs, attributes, { shape, dtype }) {
      const out = allocateAlone(dtype, sizeOf(shape));
      const operands = inputs.map(({ ownData, shape, dtype }) => ({ data: ownData, shape, dtype }));
      const returned: unknown = statement.value(operands, out, attributes, shape);
      // What is returned would be ignored, and the result would be zeros.
      if (returned !== out && (Array.isArray(returned) || ArrayBuffer.isView(returned))) {
        throw new TypeError(
          `${name}: its value returned ${kindOf(returned)}; write the elements into its second argument instead, e.g. out.set(…)`,
        );
      }
      return new NDArray(dtype, shape, out);
    },
    ...(pushforward === undefined
      ? {}
      : {
          pushforward(step: Applied<A, Tensor>, tangents: readonly (Tensor | null)[]) {
            const tangent = pushforward(step, tangents);
            if (tangent !== null) checkRule(name, "pushforward", tangent, step.output, "output");
            return tangent;
          },
        }),
    ...(pullback === undefined
      ? {}
      : {
          pullback(step: Applied<A, Tensor>, cotangent: Tensor) {
            const cotangents = pullback(step, cotangent);
            if (!Array.isArray(cotangents)) {
              throw new TypeError(
                `${name}: its pullback gave ${kindOf(cotangents)}; give an array, a cotangent for each input, null for none`,
              );
            }
            if (cotangents.length !== step.inputs.length) {
              throw new ShapeError(
                `${name}: its pullback gave ${cotangents.length} cotangents for ${step.inputs.length} inputs; give one each, null for none`,
              );
            }
            (cotangents as readonly (Tensor | null)[]).forEach((each, i) => {
              if (each !== null) checkRule(name, "pullback", each, step.inputs[i]!, `input ${i + 1}`);
            });
            return cotangents;
          },
        }),
    ...(lowering === undefined
      ? {}
      : {
          lowering(attributes: A, inputs: readonly Description[], output: Description) {
            const [operands, result] = [inputs.map(bare), bare(output)];
            const stated = lowering(operands, attributes, result);
            return stated === null ? null : loweringOf(name, stated, operands, result);
          },
        }),
    ...(examples === undefined ? {} : { examples }),
  };
}

function checkRule(name: string, rule: string, result: Tensor, like: Description, whose: string): void {
  if (!isTensor(result)) {
    throw new TypeError(
      `${name}: its ${rule} gave ${kindOf(result)} for the ${whose}; give a tensor, or null for none`,
    );
  }
  if (result.dtype === like.dtype && shapeText(result.shape) === shapeText(like.shape)) return;
  throw new ShapeError(
    `${name}: its ${rule} gave ${result.dtype} ${shapeText(result.shape)} where the ${whose} is ${like.dtype} ${shapeText(like.shape)}; a derivative has its shape and type`,
  );
}
