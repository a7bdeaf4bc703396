// What a search chooses from: lists of choices and ranges of numbers, by name.

import { type Key, splitKey, uniform } from "@adjoint/autograd";
import { checkOptions, kindOf } from "../arguments.ts";

/** Numbers from one to another, both included. */
export interface Range {
  /** The least number. */
  readonly from: number;
  /** The greatest number. */
  readonly to: number;
  /** "linear" (the default), or "log": as many between 0.001 and 0.01 as between 0.01 and 0.1. */
  readonly scale?: "linear" | "log";
  /** Whether only whole numbers are meant; false by default. */
  readonly whole?: boolean;
  /** How many values a grid takes of it, evenly spread on its scale; 3 by default. */
  readonly steps?: number;
}

/** Anything that JSON can hold. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** The choices, by name: a list of choices, or a range. */
export type Space = Readonly<Record<string, readonly Plain[] | Range>>;

/** What was chosen, by name. */
export type Settings<S extends Space = Space> = {
  readonly [K in keyof S]: S[K] extends readonly (infer Choice)[] ? Choice : number;
};

const isRange = (part: readonly Plain[] | Range): part is Range => !Array.isArray(part);

/** Throws TypeError or RangeError, naming the part, for what is no space. */
export function checkSpace(operation: string, space: unknown): void {
  if (kindOf(space) !== "an object")
    throw new TypeError(
      `${operation}: the space is ${kindOf(space)}; give choices and ranges by name, e.g. { width: [16, 32], rate: { from: 1e-4, to: 0.1, scale: "log" } }`,
    );
  for (const [name, part] of Object.entries(space as Space)) {
    const where = `${operation}: ${name}`;
    if (!isRange(part)) {
      if (part.length === 0) throw new RangeError(`${where} has no choices; give at least one`);
      continue;
    }
    checkOptions(where, part, ["from", "to", "scale", "whole", "steps"]);
    const { from, to, scale = "linear", whole = false, steps = 3 } = part;
    if (!(Number.isFinite(from) && Number.isFinite(to) && from <= to))
      throw new RangeError(`${where} goes from ${from} to ${to}; give finite numbers, the smaller one first`);
    if (scale !== "linear" && scale !== "log")
      throw new TypeError(`${where}: scale "${String(scale)}" is not known; use "linear" or "log"`);
    if (scale === "log" && from <= 0)
      throw new RangeError(`${where} starts at ${from}, and a scale "log" needs numbers above 0`);
    if (whole && !(Number.isInteger(from) && Number.isInteger(to)))
      throw new RangeError(`${where} goes from ${from} to ${to}, and its ends must be whole numbers, too`);
    if (!Number.isInteger(steps) || steps < 1)
      throw new RangeError(`${where}: steps ${steps} must be a whole number, 1 or more`);
  }
}

/** The number at a fraction of a range, from 0 to below 1; whole ones are equally likely on the scale "linear". */
function numberAt({ from, to, scale = "linear", whole = false }: Range, fraction: number): number {
  // Each whole number has an interval of its own, half below and half above it.
  const [low, high] = whole ? [from - 0.5, to + 0.5] : [from, to];
  const x =
    scale === "log"
      ? Math.exp(Math.log(low) + fraction * (Math.log(high) - Math.log(low)))
      : low + fraction * (high - low);
  return Math.min(to, Math.max(from, whole ? Math.round(x) : x));
}

/** Settings drawn at random, evenly over choices and ranges. Each name draws from a key of its own. */
export function drawn<S extends Space>(space: S, key: Key): Settings<S> {
  const names = Object.keys(space);
  const own = splitKey(key, names.length);
  const chosen = names.map((name, i) => {
    const part = space[name]!;
    const fraction = uniform(own[i]!, [], { dtype: "float64" }).item();
    return [name, isRange(part) ? numberAt(part, fraction) : part[Math.floor(fraction * part.length)]];
  });
  return Object.fromEntries(chosen) as Settings<S>;
}

/** Values of a range that a grid takes: its ends and others between them, each once. */
function stepsOf(range: Range): readonly number[] {
  const { from, to, scale = "linear", whole = false, steps = 3 } = range;
  const values = Array.from({ length: steps }, (_, i) => {
    if (i === 0) return from;
    if (i === steps - 1) return to;
    const share = i / (steps - 1);
    const x = scale === "log" ? from * (to / from) ** share : from + share * (to - from);
    return whole ? Math.round(x) : x;
  });
  return [...new Set(values)];
}

/** Every combination, the last name changing fastest. */
export function gridOf<S extends Space>(space: S): readonly Settings<S>[] {
  const all = Object.entries(space).reduce<readonly Record<string, Plain>[]>(
    (before, [name, part]) => {
      const values: readonly Plain[] = isRange(part) ? stepsOf(part) : part;
      return before.flatMap((settings) => values.map((value) => ({ ...settings, [name]: value })));
    },
    [{}],
  );
  return all as readonly Settings<S>[];
}
