// Checks of what people give to the constructors of views, with errors that say the way out.

import type { Axis } from "./view.ts";

/** Numbers in a row: an array, a typed array, or whatever has its numbers in `data`, as a tensor does. */
export type Numbers = ArrayLike<number | boolean> | { readonly data: ArrayLike<number | boolean> };

/** An axis: its name alone, or with unit, scale and domain. */
export type AxisLike = string | Axis;

/** What a value is, for messages: "null", "a number", "an array", "a Promise". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = (Object.getPrototypeOf(value) as object | null)?.constructor?.name ?? "Object";
  if (name === "Object" || name === "") return "an object";
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

/**
 * Throws TypeError unless the options are an object with no other names than these: any other would be ignored silently.
 *
 * @param example how options are written, for the message
 */
export function checkOptions(
  operation: string,
  options: unknown,
  names: readonly string[],
  example = `{ ${names[0]}: … }`,
): void {
  // What has `data` is a tensor or the like: a value that was given where options belong.
  const isValue = Array.isArray(options) || ArrayBuffer.isView(options);
  if (typeof options !== "object" || options === null || isValue || "data" in options)
    throw new TypeError(
      `${operation}: got ${kindOf(options)} where options belong; write them by name: ${example}`,
    );
  for (const name of Object.keys(options))
    if (!names.includes(name))
      throw new TypeError(`${operation}: there is no option "${name}"; the options are ${names.join(", ")}`);
}

/** Text that is given, or "" where none is. */
export function checkText(operation: string, what: string, text: unknown): string {
  if (text === undefined) return "";
  if (typeof text === "string") return text;
  throw new TypeError(`${operation}: ${what} is ${kindOf(text)} and must be a string`);
}

const scales = ["linear", "log"];

/** An axis with a name. Throws TypeError where it has none: nobody can read a chart whose axes have no names. */
export function checkAxis(operation: string, which: "x" | "y", axis: unknown): Axis {
  const example = `${which}: { label: "time", unit: "s" } or ${which}: "epoch"`;
  if (axis === undefined)
    throw new TypeError(`${operation}: the ${which} axis has no name; give one, ${example}`);
  if (typeof axis === "string") return checkAxis(operation, which, { label: axis });
  checkOptions(`${operation}: ${which}`, axis, ["label", "unit", "scale", "domain"]);
  const { label, unit, scale, domain } = axis as Partial<Axis>;
  if (typeof label !== "string" || label === "")
    throw new TypeError(`${operation}: the ${which} axis has no name; give one, ${example}`);
  checkText(operation, `the unit of the ${which} axis`, unit);
  if (scale !== undefined && !scales.includes(scale))
    throw new TypeError(
      `${operation}: the scale of the ${which} axis is "${String(scale)}" and must be "linear" or "log"`,
    );
  if (domain !== undefined) checkRange(operation, `the domain of the ${which} axis`, domain);
  if (scale === "log" && domain !== undefined && domain[0] <= 0)
    throw new RangeError(
      `${operation}: the ${which} axis is logarithmic and its domain begins at ${domain[0]}; a log axis has no 0 and nothing below, begin above 0`,
    );
  return {
    label,
    ...(unit === undefined ? {} : { unit }),
    ...(scale === undefined ? {} : { scale }),
    ...(domain === undefined ? {} : { domain: [domain[0], domain[1]] }),
  };
}

/** Two finite numbers, the lesser first. */
export function checkRange(operation: string, what: string, range: unknown): readonly [number, number] {
  const [from, to, ...more] = Array.isArray(range) ? (range as unknown[]) : [];
  if (typeof from === "number" && typeof to === "number" && more.length === 0 && from < to)
    if (Number.isFinite(from) && Number.isFinite(to)) return [from, to];
  throw new RangeError(`${operation}: ${what} must be two finite numbers, the lesser first, such as [0, 1]`);
}

/** A copy of numbers as an array; true and false are 1 and 0. Throws TypeError for anything else. */
export function checkNumbers(operation: string, what: string, given: unknown): number[] {
  const row = rowOf(given);
  if (row === null)
    throw new TypeError(
      `${operation}: ${what} must be numbers, as an array, a typed array or a tensor, and not ${kindOf(given)}`,
    );
  return Array.from(row, (value, i) => {
    if (typeof value === "number") return value;
    if (typeof value === "boolean") return value ? 1 : 0;
    throw new TypeError(`${operation}: ${what} has ${kindOf(value)} at index ${i}, where a number belongs`);
  });
}

function rowOf(given: unknown): ArrayLike<unknown> | null {
  if (Array.isArray(given)) return given as readonly unknown[];
  if (typeof given !== "object" || given === null) return null;
  if (ArrayBuffer.isView(given) && "length" in given) return given as unknown as ArrayLike<unknown>;
  return "data" in given ? rowOf(given.data) : null;
}

/** Throws RangeError unless lists have one length. */
export function checkLengths(operation: string, lists: Readonly<Record<string, ArrayLike<unknown>>>): void {
  const entries = Object.entries(lists);
  const [first, ...rest] = entries;
  for (const [name, list] of rest)
    if (list.length !== first![1].length)
      throw new RangeError(
        `${operation}: ${first![0]} has ${first![1].length} entries and ${name} ${list.length}; they belong together one by one`,
      );
}

/** Throws RangeError unless a number is whole and at least `least`. */
export function checkWhole(operation: string, what: string, value: unknown, least: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
  throw new RangeError(
    `${operation}: ${what} is ${String(value)} and must be a whole number, ${least} or more`,
  );
}
