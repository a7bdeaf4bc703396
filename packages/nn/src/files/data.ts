// Plain values as JSON can hold them, and back: special numbers stand under a name that begins with a dollar sign, and so may
// other things for which the caller knows a form.

import { type DType, Tensor, tensor } from "@adjoint/autograd";
import { kindOf } from "../arguments.ts";

/** What JSON can hold. */
export type Data = null | boolean | number | string | readonly Data[] | { readonly [name: string]: Data };

/** Deeper than anything that is written by hand, and not so deep that reading it overflows. */
const DEEPEST = 500;

const tooDeep = (at: string) =>
  new TypeError(`${at.slice(0, 40)}… is nested more than ${DEEPEST} deep; data are flatter than that`);

const isObject = (value: unknown): value is object => kindOf(value) === "an object";

/**
 * A value as data. `special` gives the form of what is not plain, as an object of one name with a dollar sign, or undefined.
 * Fields that are undefined are left out. Throws TypeError for what has no form, saying where it is.
 */
export function dataOf(
  value: unknown,
  at: string,
  special: (
    value: object,
    at: string,
    inside: (value: unknown, at: string) => Data,
  ) => Data | undefined = () => undefined,
): Data {
  const around = new Set<unknown>();
  let depth = 0;
  const inside = (value: unknown, at: string): Data => {
    if (value === null || typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "number")
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? "-0" : `${value}` };
    const isHolder = (typeof value === "object" || typeof value === "function") && value !== null;
    if (isHolder && around.has(value)) throw new TypeError(`${at} lies within itself; data have an end`);
    if (depth >= DEEPEST) throw tooDeep(at);
    depth++;
    around.add(value);
    try {
      const form = isHolder ? special(value, at, inside) : undefined;
      if (form !== undefined) return form;
      if (Array.isArray(value)) return Array.from(value, (part, i) => inside(part, `${at}[${i}]`));
      if (
        !isObject(value) ||
        ![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
      )
        throw new TypeError(
          `${at} is ${kindOf(value)}, which has no form as data; use numbers, texts, truth values, null, arrays and plain objects`,
        );
      const fields = Object.entries(value).filter(([, part]) => part !== undefined);
      return Object.fromEntries(
        fields.map(([name, part]) => [
          name.startsWith("$") ? `$${name}` : name,
          inside(part, `${at}.${name}`),
        ]),
      );
    } finally {
      around.delete(value);
      depth--;
    }
  };
  return inside(value, at);
}

/**
 * The value that data stand for. `special` reads what stands under a name with a dollar sign, other than numbers. Nothing is
 * evaluated. Throws TypeError, with the place, where the data have another form.
 */
export function valueOfData(
  data: unknown,
  at: string,
  special: (
    name: string,
    data: unknown,
    at: string,
    inside: (data: unknown, at: string) => unknown,
  ) => unknown = (name, _data, at) => {
    throw new TypeError(`${at} has "${name}", which is no form of a value`);
  },
): unknown {
  let depth = 0;
  const inside = (data: unknown, at: string): unknown => {
    if (depth >= DEEPEST) throw tooDeep(at);
    depth++;
    try {
      if (Array.isArray(data)) return data.map((part, i) => inside(part, `${at}[${i}]`));
      if (!isObject(data)) return data;
      const fields = Object.entries(data);
      const [first] = fields;
      if (first !== undefined && /^\$([^$]|$)/.test(first[0])) {
        if (fields.length > 1) throw new TypeError(`${at} has other names beside "${first[0]}"`);
        return first[0] === "$number" ? numberOf(first[1], at) : special(first[0], first[1], at, inside);
      }
      return Object.fromEntries(
        fields.map(([name, part]) => [name.replace(/^\$/, ""), inside(part, `${at}.${name}`)]),
      );
    } finally {
      depth--;
    }
  };
  return inside(data, at);
}

function numberOf(text: unknown, at: string): number {
  const known = ["NaN", "Infinity", "-Infinity", "-0"].includes(text as string);
  if (!known) throw new TypeError(`${at} is no special number`);
  return Number(text);
}

/** A tensor, or what its toJSON gave. Throws where it is neither. */
export function tensorOf(saved: unknown): Tensor {
  if (saved instanceof Tensor) return saved;
  const { data, shape, dtype } = saved as { data: number[]; shape: number[]; dtype: DType };
  return tensor(data, { shape, dtype });
}
