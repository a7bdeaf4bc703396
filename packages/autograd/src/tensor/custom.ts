// definePrimitive() and defineSeveral(): how users define operations that are not elementwise and not made of others.

import { kindOf } from "../array/arguments.ts";
import type { Description } from "../array/description.ts";
import { allocateAlone, checkDType, type DType, type TypedArray } from "../array/dtype.ts";
import { ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { checkShape, shapeText, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { applyAll } from "../tape/apply.ts";
import type { Applied, Example, Outputs, Primitive, Value } from "../tape/value.ts";
import { loweringOf, type OwnLowering } from "./own-lowering.ts";
import { asTensor, Tensor } from "./tensor.ts";

/** An operand of an operation: its row-major elements and its shape. */
export interface Operand extends Description {
  /** The elements, flat and row-major. */
  readonly data: TypedArray;
}

/** What a user states about a new primitive, whatever it gives. A is the type of its attributes: what it takes beside its tensors. */
interface CommonStatement<A> {
  /** Its name in listings and errors. */
  readonly name: string;
  /**
   * `vmap`: the attributes of the same operation on operands that all have one more axis in front, of this size, each part
   * of which is treated alone. An operation that takes leading axes anyway returns its attributes as they are:
   * `shifted: (attributes) => attributes`. Without it, the operation is applied part by part.
   */
  readonly shifted?: (attributes: A, size: number) => A;
  /** Operands that fit together, for `checkPrimitive` and for the property tests. */
  readonly examples?: readonly Example<A>[];
}

/** What a user states about a new primitive. */
export interface PrimitiveStatement<A> extends CommonStatement<A> {
  /** The result's shape from the inputs'. Throw ShapeError where they don't fit. */
  readonly shape: (shapes: readonly Shape[], attributes: A) => Shape;
  /** The result's type from the inputs'; the first one's by default. */
  readonly dtype?: (dtypes: readonly DType[], attributes: A) => DType;
  /** Writes the result's elements, row-major, into `out`, which starts as zeros. */
  readonly value: (inputs: readonly Operand[], out: TypedArray, attributes: A, shape: Shape) => void;
  /**
   * Reverse mode, in tensor operations, so that it can be differentiated again: the inputs' cotangents from the
   * output's; null for none. Those not `wanted` may be null as well. Forward mode follows by transposition where it is not stated.
   */
  readonly pullback?: (
    step: Applied<A, Tensor>,
    cotangent: Tensor,
    wanted: readonly boolean[],
  ) => readonly (Tensor | null)[];
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
}

/** What a user states about a new primitive with several results: the same fields, with lists for the results. */
export interface SeveralStatement<A> extends CommonStatement<A> {
  /** The results' shapes from the inputs'. Throw ShapeError where they don't fit. */
  readonly shapes: (shapes: readonly Shape[], attributes: A) => readonly Shape[];
  /** The results' types from the inputs'; the first input's by default. */
  readonly dtypes?: (dtypes: readonly DType[], attributes: A) => readonly DType[];
  /** Writes each result's elements, row-major, into its array among `outs`, which start as zeros. */
  readonly values: (
    inputs: readonly Operand[],
    outs: readonly TypedArray[],
    attributes: A,
    shapes: readonly Shape[],
  ) => void;
  /**
   * Reverse mode: the inputs' cotangents from those of the results; null where one is zero. Those not `wanted` may be
   * null.
   */
  readonly pullback?: (
    step: Applied<A, Tensor>,
    cotangents: readonly (Tensor | null)[],
    wanted: readonly boolean[],
  ) => readonly (Tensor | null)[];
  /** Forward mode: the results' tangents; null is zero, among `tangents` too. */
  readonly pushforward?: (
    step: Applied<A, Tensor>,
    tangents: readonly (Tensor | null)[],
  ) => readonly (Tensor | null)[];
}

/** A primitive as a function of its tensors, then its attributes if it has any. */
export interface PrimitiveFunction<A> {
  <R extends Shape = Shape>(...inputs: A extends void ? Tensor[] : [...Tensor[], A]): Tensor<R>;
  /** The primitive, as steps of programs and tables of targets name it. */
  readonly primitive: Primitive<A>;
}

/**
 * A primitive with several results as a function of its tensors, then its attributes if it has any. It gives the list
 * of results.
 */
export interface SeveralFunction<A> {
  (...inputs: A extends void ? Tensor[] : [...Tensor[], A]): readonly Tensor[];
  /** The primitive, as steps of programs and tables of targets name it. */
  readonly primitive: Primitive<A>;
}

/**
 * A new operation between tensors: shape rule, value and derivative. Everything that reads a tape treats it like
 * a built-in one. Throws ShapeError when a result does not have the shape its rule says, or a rule's cotangent not that of its input.
 */
export function definePrimitive<A = void>(statement: PrimitiveStatement<A>): PrimitiveFunction<A> {
  checkStatement("definePrimitive", statement, "shape", "value");
  const primitive = primitiveOf(severalOf(statement), "single", statement.lowering);
  const call = (...args: unknown[]): Tensor => asTensor(appliedTo(primitive, args)[0]!);
  return Object.assign(call, { primitive }) as PrimitiveFunction<A>;
}

/** The same for an operation with several results: it gives their list. Throws as `definePrimitive` does. */
export function defineSeveral<A = void>(statement: SeveralStatement<A>): SeveralFunction<A> {
  checkStatement("defineSeveral", statement, "shapes", "values");
  const primitive = primitiveOf(statement, "several");
  const call = (...args: unknown[]): readonly Tensor[] =>
    appliedTo(primitive, args).map((result): Tensor => asTensor(result));
  return Object.assign(call, { primitive }) as SeveralFunction<A>;
}

/** A primitive on the arguments of its function. */
function appliedTo<A>(primitive: Primitive<A>, args: readonly unknown[]): readonly Value[] {
  const inputs = args.filter(isTensor);
  const rest = args.slice(inputs.length);
  const [first] = inputs;
  if (first === undefined || rest.length > 1 || rest.some(isTensor)) {
    throw new TypeError(
      `${primitive.name}: takes tensors, then at most one object of attributes; got ${args.length} arguments, ${inputs.length} of them tensors`,
    );
  }
  return applyAll(primitive, inputs, rest[0] as A);
}

function checkStatement(operation: string, statement: unknown, shape: string, value: string): void {
  const { name, ...fields } = (statement ?? {}) as Record<string, unknown>;
  const lacks = (field: string) => typeof fields[field] !== "function";
  if (typeof name === "string" && !lacks(shape) && !lacks(value)) return;
  throw new TypeError(
    `${operation}: ${typeof name === "string" ? `"${name}" ` : ""}lacks ${typeof name !== "string" ? "a name" : lacks(shape) ? `a shape rule, ${shape}` : `a value, ${value}`}; state { name, ${shape}: (shapes) => …, ${value}: (inputs, ${shape === "shape" ? "out" : "outs"}) => … } and a pullback or a pushforward`,
  );
}

/** One result as a list of one. */
function severalOf<A>(statement: PrimitiveStatement<A>): SeveralStatement<A> {
  const { name, shape, dtype, value, pullback, pushforward, shifted, examples } = statement;
  return {
    name,
    shapes: (shapes, attributes) => [shape(shapes, attributes)],
    values: (inputs, [out], attributes, [shape]) => value(inputs, out!, attributes, shape!),
    ...(dtype && { dtypes: (dtypes, attributes) => [dtype(dtypes, attributes)] }),
    ...(pullback && { pullback: (step, [cotangent], wanted) => pullback(step, cotangent!, wanted) }),
    ...(pushforward && { pushforward: (step, tangents) => [pushforward(step, tangents)] }),
    ...(shifted && { shifted }),
    ...(examples && { examples }),
  };
}

const bare = ({ shape, dtype }: Description): Description => ({ shape, dtype });

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

function primitiveOf<A>(
  statement: SeveralStatement<A>,
  count: "single" | "several",
  lowering?: PrimitiveStatement<A>["lowering"],
): Primitive<A> {
  const { name, pullback, pushforward, shifted, examples } = statement;
  const isSingle = count === "single";
  const answered = <T>(results: readonly T[]): Outputs<T> => (isSingle ? results[0]! : results);
  const whose = (i: number) => (isSingle ? "output" : `output ${i + 1}`);
  return {
    name,
    mayThrow: true,
    describe(inputs, attributes) {
      const types = inputs.map((input) => input.dtype);
      const shapes = statement.shapes(
        inputs.map((input) => input.shape),
        attributes,
      );
      const dtypes = statement.dtypes?.(types, attributes) ?? shapes.map(() => types[0]!);
      if (dtypes.length !== shapes.length)
        throw new TypeError(
          `${name}: its type rule gives ${dtypes.length} types and its shape rule ${shapes.length} shapes; give one of each for every result`,
        );
      return answered(
        shapes.map((shape, i) => {
          checkShape(shape, `${name}: its shape rule`);
          return { shape, dtype: checkDType(dtypes[i]!, `${name}: its type rule`) };
        }),
      );
    },
    evaluate(inputs, attributes, output, all) {
      const outputs = isSingle ? [output] : all;
      const outs = outputs.map(({ shape, dtype }) => allocateAlone(dtype, sizeOf(shape)));
      const operands = inputs.map(({ ownData, shape, dtype }) => ({ data: ownData, shape, dtype }));
      const shapes = outputs.map(({ shape }) => shape);
      const returned: unknown = statement.values(operands, outs, attributes, shapes);
      // What is returned would be ignored, and the result would be zeros.
      const isOwn = returned === outs || outs.some((out) => out === returned);
      if (!isOwn && (Array.isArray(returned) || ArrayBuffer.isView(returned))) {
        throw new TypeError(
          `${name}: its ${isSingle ? "value" : "values"} returned ${kindOf(returned)}; write the elements into ${isSingle ? "its second argument instead, e.g. out.set(…)" : "the arrays of its second argument instead, e.g. outs[0].set(…)"}`,
        );
      }
      return answered(outputs.map(({ shape, dtype }, i) => new NDArray(dtype, shape, outs[i]!)));
    },
    ...(pushforward && {
      pushforward(step: Applied<A, Tensor>, tangents: readonly (Tensor | null)[]) {
        const moved = pushforward(step, tangents);
        checkCount(name, "pushforward", moved, step.outputs.length, "tangents", "results");
        moved.forEach((tangent, i) => {
          if (tangent !== null) checkRule(name, "pushforward", tangent, step.outputs[i]!, whose(i));
        });
        return answered(moved);
      },
    }),
    ...(pullback && {
      pullback(
        step: Applied<A, Tensor>,
        cotangent: Tensor,
        wanted: readonly boolean[],
        cotangents: readonly (Tensor | null)[],
      ) {
        const shares = pullback(step, isSingle ? [cotangent] : cotangents, wanted);
        checkCount(name, "pullback", shares, step.inputs.length, "cotangents", "inputs");
        shares.forEach((share, i) => {
          if (share !== null) checkRule(name, "pullback", share, step.inputs[i]!, `input ${i + 1}`);
        });
        return shares;
      },
    }),
    ...(lowering && {
      lowering(attributes: A, inputs: readonly Description[], output: Description) {
        const [operands, result] = [inputs.map(bare), bare(output)];
        const stated = lowering(operands, attributes, result);
        return stated === null ? null : loweringOf(name, stated, operands, result);
      },
    }),
    ...(shifted && { shifted }),
    ...(examples && { examples }),
  };
}

function checkCount(
  name: string,
  rule: string,
  given: unknown,
  count: number,
  what: string,
  whose: string,
): void {
  const [one, of] = [what.slice(0, -1), whose.slice(0, -1)];
  if (!Array.isArray(given)) {
    throw new TypeError(
      `${name}: its ${rule} gave ${kindOf(given)}; give an array, a ${one} for each ${of}, null for none`,
    );
  }
  if (given.length !== count) {
    throw new ShapeError(
      `${name}: its ${rule} gave ${given.length} ${what} for ${count} ${whose}; give one each, null for none`,
    );
  }
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
