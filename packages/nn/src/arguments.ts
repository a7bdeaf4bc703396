// Checks of arguments where TypeScript can't make them: in JavaScript, in notebooks, behind an `any`.

import { type DType, DTypeError, type Shape, ShapeError, Tensor } from "@adjoint/autograd";

/** What a value is, for messages: "null", "a number", "an array", "a Promise". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  // By its prototype: a field may be called "constructor", too.
  const name = (Object.getPrototypeOf(value) as object | null)?.constructor?.name ?? "Object";
  return name === "Object" ? "an object" : `a ${name}`;
}

/** The bytes of a file, as a Uint8Array of this realm; null for anything else. */
export function fileBytes(value: unknown): Uint8Array | null {
  // By its tag, which is the same in every realm (such as a frame or a vm context). What reads it asks for this realm's.
  if (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]")
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return null;
}

/** Throws TypeError unless the options are an object with no other names than these: any other would be ignored silently. */
export function checkOptions(operation: string, options: unknown, names: readonly string[]): void {
  if (kindOf(options) !== "an object") {
    throw new TypeError(
      `${operation}: got ${kindOf(options)} where options belong; write them by name: { ${names[0]}: … }`,
    );
  }
  for (const name in options as object) {
    if (!names.includes(name)) {
      throw new TypeError(`${operation}: there is no option "${name}"; the options are ${names.join(", ")}`);
    }
  }
}

/** Throws TypeError for anything but a tensor. `what` it is to be, and the `way` out, are for the message. */
export function checkTensor(
  operation: string,
  what: string,
  value: unknown,
  way = "wrap numbers: tensor(…)",
): asserts value is Tensor {
  if (value instanceof Tensor) return;
  throw new TypeError(`${operation}: ${what} is ${kindOf(value)} and must be a tensor; ${way}`);
}

/** Throws DTypeError for an input of another type than the layer's, or the cell's. */
export function checkType(layer: string, x: Tensor, dtype: DType, kind: "layer" | "cell" = "layer"): void {
  if (x.dtype !== dtype)
    throw new DTypeError(
      `${layer}: the input is ${x.dtype} and the ${kind} ${dtype}; cast the input, x.cast("${dtype}"), or choose the ${kind}'s dtype when making it`,
    );
}

/** Throws ShapeError for a size that is not a whole number from 1. */
export function checkSize(layer: string, what: string, n: number): void {
  if (!Number.isInteger(n) || n < 1)
    throw new ShapeError(`${layer}: ${what} is ${n}; it must be a whole number, 1 or more`);
}

/** Whether a tensor has these very sizes. */
export function hasShape<S extends Shape>(x: Tensor, shape: S): x is Tensor<S> {
  return x.rank === shape.length && shape.every((n, axis) => n === x.shape[axis]);
}

/** Throws TypeError for anything but a function; `example` is one, for the message. */
export function checkFunction(operation: string, what: string, value: unknown, example: string): void {
  if (typeof value === "function") return;
  const given = typeof value === "string" ? `the string "${value}"` : kindOf(value);
  throw new TypeError(`${operation}: ${what} is ${given} and must be a function, e.g. ${example}`);
}

/** A function that prints by this name, also where the code has been minified and names have been replaced. */
export function named<F extends object>(name: string, f: F): F {
  return Object.defineProperty(f, "name", { value: name });
}
