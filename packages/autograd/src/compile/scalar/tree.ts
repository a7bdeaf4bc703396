// What a function of scalars was called with, and gave: trees of Scalars among anything else. The rest counts as part
// of the signature.

import { Scalar } from "../../scalar/scalar.ts";

/** The form of a tree. */
export type ScalarForm =
  | { readonly kind: "scalar"; readonly place: number }
  | { readonly kind: "tree"; readonly keys: readonly string[] | null; readonly items: readonly ScalarForm[] }
  | { readonly kind: "fixed"; readonly value: unknown };

const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (value === null || typeof value !== "object") return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** The form of a value; its Scalars are added to `scalars`. */
export function scalarFormOf(value: unknown, scalars: Scalar[]): ScalarForm {
  if (value instanceof Scalar) return { kind: "scalar", place: scalars.push(value) - 1 };
  if (Array.isArray(value)) {
    return { kind: "tree", keys: null, items: value.map((item) => scalarFormOf(item, scalars)) };
  }
  if (!isPlain(value)) return { kind: "fixed", value };
  const keys = Object.keys(value);
  return { kind: "tree", keys, items: keys.map((key) => scalarFormOf(value[key], scalars)) };
}

/** Whether a value has the form; puts its Scalars in their places. */
export function fitsScalars(form: ScalarForm, value: unknown, scalars: Scalar[]): boolean {
  if (form.kind === "fixed") return Object.is(form.value, value);
  if (form.kind === "scalar") {
    if (!(value instanceof Scalar)) return false;
    scalars[form.place] = value;
    return true;
  }
  const { keys, items } = form;
  if (keys === null) {
    if (!Array.isArray(value) || value.length !== items.length) return false;
    return items.every((item, i) => fitsScalars(item, value[i], scalars));
  }
  if (!isPlain(value)) return false;
  const present = Object.keys(value);
  if (present.length !== keys.length || present.some((key, i) => key !== keys[i])) return false;
  return items.every((item, i) => fitsScalars(item, value[keys[i]!], scalars));
}

/** A tree of the form with these Scalars. */
export function fillScalars(form: ScalarForm, scalars: readonly Scalar[]): unknown {
  if (form.kind === "fixed") return form.value;
  if (form.kind === "scalar") return scalars[form.place]!;
  const items = form.items.map((item) => fillScalars(item, scalars));
  return form.keys === null ? items : Object.fromEntries(form.keys.map((key, i) => [key, items[i]]));
}
