// Checks of numbers given as options: an error says the range and an example.

const refuse = (
  operation: string,
  option: string,
  value: number | readonly number[],
  range: string,
  example: string,
): never => {
  throw new RangeError(
    `${operation}: ${option} ${typeof value === "number" ? value : JSON.stringify(value)} must be ${range}, e.g. ${example}`,
  );
};

/** From 0 to below 1: what is kept of something from step to step. */
export function checkFraction(operation: string, option: string, value: number, example: number): void {
  if (typeof value !== "number" || !(value >= 0 && value < 1))
    refuse(operation, option, value, "from 0 to below 1", String(example));
}

/** Finite and 0 or more. */
export function checkNotNegative(operation: string, option: string, value: number, example: string): void {
  if (typeof value !== "number" || !(value >= 0 && value < Infinity))
    refuse(operation, option, value, "a finite number, 0 or more", example);
}

/** Finite and above 0. */
export function checkPositive(operation: string, option: string, value: number, example: string): void {
  if (typeof value !== "number" || !(value > 0 && value < Infinity))
    refuse(operation, option, value, "a finite number above 0", example);
}

/** A whole number, `from` or more. */
export function checkWhole(
  operation: string,
  option: string,
  value: number,
  example: number,
  from: number = 1,
): void {
  if (!Number.isSafeInteger(value) || value < from)
    refuse(operation, option, value, `a whole number, ${from} or more`, String(example));
}

/** Two numbers from 0 to below 1. */
export function checkBetas(operation: string, betas: readonly [number, number]): void {
  if (!Array.isArray(betas) || betas.length !== 2 || !betas.every((beta) => beta >= 0 && beta < 1))
    refuse(operation, "betas", betas, "two numbers from 0 to below 1", "[0.9, 0.999]");
}
