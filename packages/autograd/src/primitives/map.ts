// map: every elementwise operation is this one primitive, with the function as an attribute. Its derivative is the function's own,
// times the cotangent, in one pass.

import type { Description } from "../array/description.ts";
import { type DType, elementOf, isFloat, type TypedArray } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { eachRow, NDArray } from "../array/ndarray.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import type { DerivedCall, ElementwiseFunction } from "../expression/elementwise-function.ts";
import {
  canGenerateCode,
  generate,
  interpreter,
  makeFunction,
  type NumberType,
} from "../expression/to-function.ts";
import { elementsByKernel } from "../kernels/eager/elements.ts";
import { apply } from "../tape/apply.ts";
import type { Applied, Primitive, Value } from "../tape/value.ts";

export interface MapAttributes {
  readonly fn: ElementwiseFunction;
}

/** fn of the elements at each place. Inputs have one shape; broadcasting has been done before. */
export const map: Primitive<MapAttributes> = {
  name: "map",
  describe(inputs, { fn }) {
    if (inputs.length !== fn.arity)
      throw new ShapeError(`${fn.name}: ${inputs.length} operands, and it takes ${fn.arity}`);
    const shape = inputs[0]!.shape;
    for (const other of inputs)
      if (!sameShape(other.shape, shape))
        throw new ShapeError(
          `${fn.name}: ${shapeText(shape)} and ${shapeText(other.shape)} differ; broadcast them first`,
        );
    return { shape, dtype: resultType(fn, inputs) };
  },
  evaluate: (inputs, { fn }, output: Description) =>
    elementsByKernel(fn, inputs, output.dtype, output.shape) ?? mapPlainly(fn, inputs, output),
  pushforward(step, tangents) {
    const moving = tangents.flatMap((tangent, i) => (tangent === null ? [] : [i]));
    return call(step.attributes.fn.pushforward(moving), step, tangents);
  },
  pullback(step, cotangent: Value, wanted) {
    return step.inputs.map((_, i) =>
      wanted[i] ? call(step.attributes.fn.pullback(i), step, [cotangent]) : null,
    );
  },
  disturbed: (exchange) => ({
    ...map,
    // Of whole numbers nothing is rounded.
    evaluate: (inputs, attributes, output, outputs) =>
      inputs.some(({ dtype }) => isFloat(dtype))
        ? mapBy(() => interpretedKernel(attributes.fn, numberType(inputs), exchange), inputs, output)
        : map.evaluate(inputs, attributes, output, outputs),
  }),
  shifted: (attributes) => attributes,
  label: ({ fn }) => fn.name,
  lowering: () => ({
    family: "elements",
    element(build, { fn }, { dtype }, inputs) {
      const operands = inputs.map((_, i) => build.read(i));
      return build.convert(build.expression(fn.expression, operands), dtype);
    },
  }),
};

function call(
  derived: DerivedCall | null,
  step: Applied<MapAttributes>,
  tangents: readonly (Value | null)[],
): Value | null {
  if (derived === null) return null;
  const operands = derived.operands.map((source) => {
    if (source.from === "input") return step.inputs[source.index]!;
    return source.from === "output" ? step.output : tangents[source.index]!;
  });
  return derived.fn === null ? operands[0]! : apply(map, operands, { fn: derived.fn });
}

/** Truth values for a comparison, else the type the operands share. Throws DTypeError where they mix. */
function resultType(fn: ElementwiseFunction, inputs: readonly Description[]): DType {
  const { operands, result } = fn.signature;
  let shared: DType | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const { dtype } = inputs[i]!;
    const kind = operands[i]!;
    if (kind === "bool") {
      if (dtype !== "bool") {
        throw new DTypeError(
          `${fn.name}: operand ${i + 1} is ${dtype} and must be bool; compare first, e.g. x.greater(0), or x.cast("bool")`,
        );
      }
      continue;
    }
    if (shared !== null && dtype !== shared) {
      throw new DTypeError(
        `${fn.name}: ${shared} and ${dtype} don't mix; cast one, e.g. b.cast("${shared}")`,
      );
    }
    shared = dtype;
    if (kind === "float" && !isFloat(dtype)) {
      throw new DTypeError(
        `${fn.name}: ${dtype} has no ${fn.name}; it needs float32 or float64: x.cast("float32")`,
      );
    }
    if (kind === "number" && dtype === "bool") {
      throw new DTypeError(`${fn.name}: bool is not a number; cast it, e.g. x.cast("int32")`);
    }
  }
  // To drop the fraction of a constant silently would make another function.
  if (shared === "int32" && fn.noInt32 !== null) elementOf(fn.noInt32, "int32", fn.name);
  return result === "bool" || shared === null ? "bool" : shared;
}

/** Fills n places of `out` from `at`, reading each input from its position by its step. */
type Kernel = (n: number, out: TypedArray, at: number, ...inputs: (TypedArray | number)[]) => void;

/** How an input's elements lie in a row: it stands still, runs on, or jumps. */
type Way = "still" | "on" | "jump";

const wayOf = (step: number): Way => (step === 0 ? "still" : step === 1 ? "on" : "jump");

interface KnownKernel {
  readonly dtype: DType;
  readonly types: readonly DType[];
  readonly ways: readonly Way[];
  readonly kernel: Kernel;
}

/** For each function, the kernels that were needed so far: nearly always one or two, so a list is fastest. */
const kernels = new WeakMap<ElementwiseFunction, KnownKernel[]>();

/** The plain loops: for small arrays, and for all arrays where there are no kernels. */
export function mapPlainly(
  fn: ElementwiseFunction,
  inputs: readonly NDArray[],
  output: Description,
): NDArray {
  return mapBy((steps) => kernelFor(fn, output.dtype, inputs, steps), inputs, output);
}

function mapBy(
  kernelOf: (steps: readonly number[]) => Kernel,
  inputs: readonly NDArray[],
  { shape, dtype }: Description,
): NDArray {
  const result = NDArray.zeros(dtype, shape);
  const { buffer } = result;
  const args: (TypedArray | number)[] = [];
  let kernel: Kernel | null = null;
  eachRow(shape, [result, ...inputs], (length, positions, steps) => {
    if (kernel === null) {
      kernel = kernelOf(steps);
      inputs.forEach((input, i) => {
        args[3 * i] = input.buffer;
        args[3 * i + 2] = steps[i + 1]!;
      });
    }
    for (let i = 0; i < inputs.length; i++) args[3 * i + 1] = positions[i + 1]!;
    kernel(length, buffer, positions[0]!, ...args);
  });
  return result;
}

/** One kernel for each way of reading: which inputs stand still (step 0), which run on (step 1), which jump; and their types. */
function kernelFor(
  fn: ElementwiseFunction,
  dtype: DType,
  inputs: readonly NDArray[],
  steps: readonly number[],
): Kernel {
  let known = kernels.get(fn);
  if (known === undefined) {
    known = [];
    kernels.set(fn, known);
  }
  for (const each of known) if (each.dtype === dtype && fits(each, inputs, steps)) return each.kernel;
  const ways = inputs.map((_, i) => wayOf(steps[i + 1]!));
  const type = numberType(inputs);
  const kernel = canGenerateCode() ? compiledKernel(fn, ways, type) : interpretedKernel(fn, type);
  known.push({ dtype, types: inputs.map((input) => input.dtype), ways, kernel });
  return kernel;
}

/** Whether a kernel reads inputs of these types in this way. */
function fits({ types, ways }: KnownKernel, inputs: readonly NDArray[], steps: readonly number[]): boolean {
  for (let i = 0; i < ways.length; i++)
    if (ways[i] !== wayOf(steps[i + 1]!) || types[i] !== inputs[i]!.dtype) return false;
  return true;
}

/** The type that the operands that are numbers share; where all operands are truth values, constants are float32. */
function numberType(inputs: readonly Description[]): NumberType {
  for (const { dtype } of inputs) if (dtype !== "bool") return dtype;
  return "float32";
}

function compiledKernel(fn: ElementwiseFunction, ways: readonly Way[], type: NumberType): Kernel {
  const parameters = ["n", "out", "at", ...ways.flatMap((_, i) => [`a${i}`, `p${i}`, `s${i}`])];
  // A value that stands still is read once, before the loop.
  const still = ways.map((way, i) => (way === "still" ? `const v${i} = a${i}[p${i}];\n` : "")).join("");
  const reads = ways.map((way, i) => {
    if (way === "still") return `v${i}`;
    return way === "on" ? `a${i}[p${i} + j]` : `a${i}[p${i} + j * s${i}]`;
  });
  // Each element is loaded once, however often the expression names it.
  const loads = reads.map((read, i) => (ways[i] === "still" ? "" : `const v${i} = ${read};\n`)).join("");
  const { statements, results, functions } = generate(
    [fn.expression],
    ways.map((_, i) => `v${i}`),
    type,
  );
  const body = `${still}for (let j = 0; j < n; j++) {\n${loads}${statements}\nout[at + j] = ${results[0]};\n}`;
  return makeFunction<Kernel>(parameters, body, functions);
}

function interpretedKernel(
  fn: ElementwiseFunction,
  type: NumberType,
  exchange?: (value: number) => number,
): Kernel {
  const value = interpreter(fn.expression, type, exchange);
  const operands = new Array<number>(fn.arity);
  return (n, out, at, ...inputs) => {
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < operands.length; i++) {
        const position = (inputs[3 * i + 1] as number) + j * (inputs[3 * i + 2] as number);
        operands[i] = (inputs[3 * i] as TypedArray)[position]!;
      }
      out[at + j] = value(...operands);
    }
  };
}
