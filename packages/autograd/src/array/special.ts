// Numbers that JSON has no form for, as texts.

const texts: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
]);

/** A number as JSON can hold it: NaN, ±∞ and −0 as "NaN", "Infinity", "-Infinity" and "-0". */
export const savedNumber = (value: number): number | string =>
  Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? "-0" : `${value}`;

/** The number that such a text stands for; undefined for any other. */
export const specialNumber = (text: unknown): number | undefined =>
  typeof text === "string" ? texts.get(text) : undefined;
