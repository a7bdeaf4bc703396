// What a function was called with, and gave: trees of tensors among anything else. A program serves calls whose
// trees have one form, whose tensors have the same shapes and types, and whose other values are the same.

import type { Description } from "../array/description.ts";
import type { NDArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import { openTraces } from "../tape/trace.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Variable } from "../tensor/variable.ts";

/** The form of a tree. */
export type Form =
  | { readonly kind: "tensor"; readonly place: number; readonly description: Description }
  | { readonly kind: "array"; readonly items: readonly Form[] }
  | { readonly kind: "object"; readonly keys: readonly string[]; readonly items: readonly Form[] }
  | { readonly kind: "fixed"; readonly value: unknown };

const isPlain = (value: object) => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** The form of a value; its tensors are added to `tensors`. Variables count as themselves. */
export function formOf(value: unknown, tensors: Tensor[]): Form {
  if (value instanceof Tensor && !(value instanceof Variable)) {
    const { shape, dtype } = value;
    return { kind: "tensor", place: tensors.push(value) - 1, description: { shape, dtype } };
  }
  if (Array.isArray(value)) return { kind: "array", items: value.map((item) => formOf(item, tensors)) };
  if (value !== null && typeof value === "object" && isPlain(value)) {
    const keys = Object.keys(value);
    const items = keys.map((key) => formOf((value as Record<string, unknown>)[key], tensors));
    return { kind: "object", keys, items };
  }
  return { kind: "fixed", value };
}

/** The tensors of a call, and their arrays, in their places. */
export interface Taken {
  readonly tensors: (Tensor | null)[];
  readonly arrays: NDArray[];
}

/** Whether a value has the form; puts its tensors in their places. Allocates nothing. */
export function fits(form: Form, value: unknown, taken: Taken): boolean {
  switch (form.kind) {
    case "tensor": {
      // Tensors don't change: the one that was taken last in this place still fits.
      if (value === taken.tensors[form.place]) return true;
      if (!(value instanceof Tensor) || value instanceof Variable) return false;
      if (value.traces !== null && openTraces(value.traces) !== null) return false;
      const { array } = value;
      const { shape, dtype } = form.description;
      if (array.dtype !== dtype || (array.shape !== shape && !sameShape(array.shape, shape))) return false;
      taken.arrays[form.place] = array;
      taken.tensors[form.place] = value.traces === null ? value : null;
      return true;
    }
    case "array": {
      if (!Array.isArray(value) || value.length !== form.items.length) return false;
      for (let i = 0; i < value.length; i++) if (!fits(form.items[i]!, value[i], taken)) return false;
      return true;
    }
    case "object": {
      if (value === null || typeof value !== "object" || !isPlain(value)) return false;
      const { keys, items } = form;
      // A function may go by the order of fields, as Object.values does, so that is part of the form.
      let count = 0;
      for (const key in value) if (Object.hasOwn(value, key) && key !== keys[count++]) return false;
      if (count !== keys.length) return false;
      for (let i = 0; i < keys.length; i++) {
        if (!fits(items[i]!, (value as Record<string, unknown>)[keys[i]!], taken)) return false;
      }
      return true;
    }
    case "fixed":
      return Object.is(form.value, value);
  }
}

/** A tree of the form with these tensors. */
export function fill(form: Form, tensors: readonly Tensor[]): unknown {
  switch (form.kind) {
    case "tensor":
      return tensors[form.place]!;
    case "array":
      return form.items.map((item) => fill(item, tensors));
    case "object":
      return Object.fromEntries(form.keys.map((key, i) => [key, fill(form.items[i]!, tensors)]));
    case "fixed":
      return form.value;
  }
}
