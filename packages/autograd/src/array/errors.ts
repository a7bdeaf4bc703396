// The errors of the engine. Each message names the operation, what it was given, the rule and the way out.

/** Shapes that don't fit an operation. */
export class ShapeError extends RangeError {
  override readonly name = "ShapeError";
}

/** Element types that don't fit an operation. */
export class DTypeError extends TypeError {
  override readonly name = "DTypeError";
}

/** Something that a function does and that can't be compiled. */
export class CompileError extends Error {
  override readonly name = "CompileError";
}

/**
 * Runs an operation that is made of others. Where they refuse shapes or types, the error names the operation that was
 * called, not a part of it that the caller has never seen.
 */
export function inNameOf<T>(operation: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof DTypeError)) throw error;
    const [prefix, part] = /^(\w+): /.exec(error.message) ?? [];
    if (prefix === undefined || part === operation) throw error;
    const said = error.message.slice(prefix.length).replace(`has no ${part};`, `has no ${operation};`);
    const message = `${operation}: ${said}`;
    throw error instanceof ShapeError ? new ShapeError(message) : new DTypeError(message);
  }
}
