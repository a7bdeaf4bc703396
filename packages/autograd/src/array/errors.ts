// The errors of the engine. Each message names the operation, what it was given, the rule and the way out.

/** Shapes that don't fit an operation. */
export class ShapeError extends RangeError {
  override readonly name = "ShapeError";
}

/** Element types that don't fit an operation. */
export class DTypeError extends TypeError {
  override readonly name = "DTypeError";
}

/** What a function does that can't be compiled. */
export class CompileError extends Error {
  override readonly name = "CompileError";
}
