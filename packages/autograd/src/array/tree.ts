// Trees: leaves inside arrays, objects, Maps and Sets, in any nesting. One walker for everything that takes a tree apart,
// and one policy: arrays, plain objects of any realm, Maps and Sets, and instances of classes by their own fields.

import { kindOf } from "./arguments.ts";

/** A tree without its leaves. */
export type Form =
  | { readonly kind: "leaf"; readonly place: number }
  /** Something without a leaf inside: it is kept as it is. */
  | { readonly kind: "fixed"; readonly value: unknown }
  | { readonly kind: "array"; readonly items: readonly Form[] }
  | {
      readonly kind: "object";
      /** An object of this form: others get its prototype and the attributes of its fields. */
      readonly like: object;
      /** Whether it is a plain object, all of whose fields are enumerable and named by text. */
      readonly isPlain: boolean;
      readonly keys: readonly PropertyKey[];
      readonly items: readonly Form[];
    }
  | { readonly kind: "entries"; readonly keys: readonly unknown[]; readonly items: readonly Form[] }
  | { readonly kind: "set"; readonly items: readonly Form[] };

export interface Flat<Leaf> {
  readonly form: Form;
  readonly leaves: readonly Leaf[];
  /** Where each leaf sits, for errors: "[0].weight". */
  readonly paths: readonly string[];
}

/** How to take a tree apart. */
export interface Walk<Leaf> {
  isLeaf(value: unknown): value is Leaf;
  /** Whether something is kept as it is without being looked into. */
  isFixed?(value: object): boolean;
  /** Called for what is neither a leaf nor walked, with its path; `isField`: as a field of an instance of a class. May throw. */
  other?(value: unknown, path: string, isField: boolean): void;
  /** Called for what can't be walked and may hold leaves; it throws. Without this, such a thing is kept as it is. */
  closed?(value: object, path: string): never;
  /** Called for an object that holds itself and a leaf; it throws. */
  cyclic(path: string): never;
}

/** The errors of a walk that looks into everything. `where` begins their messages, e.g. "compile: argument". */
export const refusals = (where: string): Pick<Required<Walk<unknown>>, "closed" | "cyclic"> => ({
  closed(value, path) {
    throw new TypeError(
      `${where}${path} is ${kindOf(value)}, which can't be looked into; give its tensors in an array, an object, a Map or a Set`,
    );
  },
  cyclic(path) {
    throw new TypeError(`${where}${path} leads back to an object that it lies in; a tree has an end`);
  },
});

/** Takes a tree apart. */
export function flatten<Leaf>(value: unknown, walk: Walk<Leaf>): Flat<Leaf> {
  const leaves: Leaf[] = [];
  const paths: string[] = [];
  /** The objects that are being walked, with the number of leaves found before each. */
  const around = new Map<object, number>();
  /** Objects without a leaf inside: each is walked once, however many paths lead to it. */
  const leafless = new Map<object, Form>();
  /** The path at which an object was met inside itself. */
  const returns: { readonly to: object; readonly path: string }[] = [];

  const formOf = (at: unknown, path: string, isField: boolean): Form => {
    if (walk.isLeaf(at)) {
      paths.push(path);
      return { kind: "leaf", place: leaves.push(at) - 1 };
    }
    if (typeof at !== "object" || at === null || ArrayBuffer.isView(at) || walk.isFixed?.(at) === true) {
      walk.other?.(at, path, isField);
      return { kind: "fixed", value: at };
    }
    const known = leafless.get(at);
    if (known !== undefined) return known;
    if (around.has(at)) {
      returns.push({ to: at, path });
      return { kind: "fixed", value: at };
    }
    const before = leaves.length;
    around.set(at, before);
    const form = within(at, path);
    around.delete(at);
    const isInner = leaves.length > before;
    const back = returns.find(({ to }) => to === at);
    if (isInner && back !== undefined) walk.cyclic(back.path);
    if (isInner) return form;
    // What holds no leaf is kept as the same object, unless its parts say more than the object itself.
    const settled: Form = isInstance(at) ? { kind: "fixed", value: at } : form;
    leafless.set(at, settled);
    return settled;
  };

  const within = (at: object, path: string): Form => {
    if (Array.isArray(at)) {
      return { kind: "array", items: at.map((item, i) => formOf(item, `${path}[${i}]`, false)) };
    }
    switch (tagOf(at)) {
      case "Map": {
        const entries = [...(at as Map<unknown, unknown>)];
        const items = entries.map(([key, item]) => formOf(item, `${path}.get(${keyText(key)})`, false));
        return { kind: "entries", keys: entries.map(([key]) => key), items };
      }
      case "Set": {
        const items = [...(at as Set<unknown>)].map((item, i) => formOf(item, `${path}[${i}]`, false));
        return { kind: "set", items };
      }
      case "Promise":
      case "WeakMap":
      case "WeakSet":
      case "WeakRef":
      case "Generator":
      case "AsyncGenerator":
      case "Map Iterator":
      case "Set Iterator":
      case "Array Iterator":
        walk.closed?.(at, path);
        return { kind: "fixed", value: at };
    }
    const isField = isInstance(at);
    // An accessor is no field: its value is stored elsewhere.
    const keys = Reflect.ownKeys(at).filter(
      (key) => "value" in (Object.getOwnPropertyDescriptor(at, key) ?? {}),
    );
    const items = keys.map((key) =>
      formOf((at as Record<PropertyKey, unknown>)[key], path + dotted(key), isField),
    );
    const isPlain =
      !isField &&
      keys.every((key) => Object.prototype.propertyIsEnumerable.call(at, key) && typeof key === "string");
    return { kind: "object", like: at, isPlain, keys, items };
  };

  return { form: formOf(value, "", false), leaves, paths };
}

/** A tree of a form, with other leaves. Parts that hold no leaf are not copied. */
export function fill(form: Form, leaves: readonly unknown[]): unknown {
  switch (form.kind) {
    case "leaf":
      return leaves[form.place];
    case "fixed":
      return form.value;
    case "array":
      return form.items.map((item) => fill(item, leaves));
    case "entries":
      return new Map(form.items.map((item, i) => [form.keys[i], fill(item, leaves)]));
    case "set":
      return new Set(form.items.map((item) => fill(item, leaves)));
    case "object": {
      const { like, keys, items } = form;
      const copy = Object.create(Object.getPrototypeOf(like) as object | null) as object;
      keys.forEach((key, i) => {
        const manner = Object.getOwnPropertyDescriptor(like, key);
        Object.defineProperty(copy, key, { ...manner, value: fill(items[i]!, leaves) });
      });
      return copy;
    }
  }
}

/** The tag by which an object of any realm is recognised. */
const tagOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

const isOfTag = <T extends object>(value: unknown, tag: string): value is T =>
  typeof value === "object" && value !== null && tagOf(value) === tag;

/** Whether an object is an instance of a class, rather than a plain object of this realm or another, an array, a Map or a Set. */
export function isInstance(value: object): boolean {
  if (Array.isArray(value)) return false;
  const tag = tagOf(value);
  if (tag === "Map" || tag === "Set") return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return false;
  return Object.getPrototypeOf(prototype) !== null || !Object.hasOwn(prototype as object, "hasOwnProperty");
}

const keyText = (key: unknown) =>
  typeof key === "string" ? JSON.stringify(key) : kindOf(key) === "an object" ? "{…}" : String(key);

const dotted = (key: PropertyKey) =>
  typeof key === "string" && /^[A-Za-z_$][\w$]*$/.test(key)
    ? `.${key}`
    : `[${typeof key === "string" ? JSON.stringify(key) : String(key)}]`;

/** Whether a value has the form; `takes` says whether a value may stand in a leaf's place. */
export function fits(form: Form, value: unknown, takes: (value: unknown, place: number) => boolean): boolean {
  switch (form.kind) {
    case "leaf":
      return takes(value, form.place);
    case "fixed":
      return Object.is(form.value, value);
    case "array": {
      if (!Array.isArray(value) || value.length !== form.items.length) return false;
      for (let i = 0; i < value.length; i++) if (!fits(form.items[i]!, value[i], takes)) return false;
      return true;
    }
    case "object": {
      const { like, keys, items, isPlain } = form;
      if (value === null || typeof value !== "object" || !hasKeys(value, keys, isPlain)) return false;
      if (Object.getPrototypeOf(value) !== Object.getPrototypeOf(like) && (!isPlain || isInstance(value)))
        return false;
      for (let i = 0; i < keys.length; i++)
        if (!fits(items[i]!, (value as Record<PropertyKey, unknown>)[keys[i]!], takes)) return false;
      return true;
    }
    case "entries": {
      if (!isOfTag<Map<unknown, unknown>>(value, "Map") || value.size !== form.keys.length) return false;
      let next = 0;
      for (const [key, item] of value) {
        if (!Object.is(key, form.keys[next]) || !fits(form.items[next]!, item, takes)) return false;
        next++;
      }
      return true;
    }
    case "set": {
      if (!isOfTag<Set<unknown>>(value, "Set") || value.size !== form.items.length) return false;
      let next = 0;
      for (const item of value) if (!fits(form.items[next++]!, item, takes)) return false;
      return true;
    }
  }
}

/** Whether an object has these fields in this order: a function may depend on the order, as Object.values does. */
function hasKeys(value: object, keys: readonly PropertyKey[], isPlain: boolean): boolean {
  if (!isPlain) {
    const own = Reflect.ownKeys(value);
    return own.length === keys.length && own.every((key, i) => key === keys[i]);
  }
  // Allocates nothing for the objects that most calls are made with.
  let count = 0;
  for (const key in value) if (Object.hasOwn(value, key) && key !== keys[count++]) return false;
  return count === keys.length;
}
