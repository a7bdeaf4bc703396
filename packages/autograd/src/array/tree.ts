// Trees: leaves inside arrays, objects, Maps and Sets, in any nesting. One policy of what lies in what (`partsOf`), for
// taking a tree apart and filling its form again (`flatten`), and for looking for leaves wherever they are (`leavesIn`):
// arrays, plain objects of any realm, Maps and Sets, and instances of classes by their own fields.

import { kindOf } from "./arguments.ts";

/** A tree without its leaves. */
export type Form =
  | { readonly kind: "leaf"; readonly place: number }
  /** Something without a leaf inside: it is kept as it is. */
  | { readonly kind: "fixed"; readonly value: unknown }
  | { readonly kind: "array"; readonly items: readonly Form[]; readonly prototype?: object | null }
  | {
      readonly kind: "object";
      readonly prototype: object | null;
      /** Whether it is a plain object, all of whose fields are enumerable and named by text. */
      readonly isPlain: boolean;
      /** Whether a literal with these fields is a copy: plain, of this realm, and nothing is fixed. */
      readonly isLiteral?: boolean;
      readonly keys: readonly PropertyKey[];
      readonly items: readonly Form[];
      /** The attributes of its fields: whether each is writable, enumerable and configurable, without its value. */
      readonly attributes: readonly PropertyDescriptor[];
      /** Its accessors, which are kept as they are: their values are stored elsewhere. */
      readonly accessors: readonly PropertyKey[];
      readonly accessorAttributes: readonly PropertyDescriptor[];
    }
  | {
      readonly kind: "entries";
      readonly keys: readonly unknown[];
      readonly items: readonly Form[];
      readonly prototype?: object | null;
    }
  | { readonly kind: "set"; readonly items: readonly Form[]; readonly prototype?: object | null };

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
    const parts = partsOf(at);
    if (parts === null) {
      walk.closed?.(at, path);
      return { kind: "fixed", value: at };
    }
    const { kind, keys, values, extras } = parts;
    const isField = kind === "object" && isInstance(at);
    const items = Array.from(values, (item, i) => formOf(item, path + inCode(parts, i), isField));
    // A copy would not have these.
    if (extras.length > 0) refuseExtras(at, extras, path);
    switch (kind) {
      case "array":
      case "set":
        return { kind, items, prototype: prototypeOf(at) };
      case "entries":
        return { kind, keys, items, prototype: prototypeOf(at) };
      case "object": {
        const { accessors } = parts;
        const [attributes, accessorAttributes] = [parts.keys, accessors].map((each) =>
          each.map((key) => attributesOf(at, key)),
        ) as [PropertyDescriptor[], PropertyDescriptor[]];
        const isListed = (key: PropertyKey, i: number) =>
          typeof key === "string" && attributes[i]!.enumerable === true;
        const isPlain = !isField && accessors.length === 0 && parts.keys.every(isListed);
        const prototype = prototypeOf(at);
        const isLiteral =
          isPlain &&
          prototype === Object.prototype &&
          parts.keys.every((key, i) => key !== "__proto__" && isOrdinary(attributes[i]!));
        return {
          kind,
          prototype,
          isPlain,
          isLiteral,
          keys: parts.keys,
          items,
          attributes,
          accessors,
          accessorAttributes,
        };
      }
    }
  };

  const refuseExtras = (at: object, extras: readonly string[], path: string): void => {
    const before = leaves.length;
    const odd = extras.find((key) => {
      formOf((at as Record<string, unknown>)[key], path + dotted(key), true);
      return leaves.length > before;
    });
    if (odd === undefined) return;
    walk.closed?.(at, path);
    leaves.length = paths.length = before;
  };

  return { form: formOf(value, "", false), leaves, paths };
}

/** What lies directly in an object. */
type Parts = {
  readonly values: readonly unknown[];
  /** The names of fields of its own that an array, a Map or a Set has beside its elements. */
  readonly extras: readonly string[];
} & (
  | { readonly kind: "array" | "set"; readonly keys: null }
  | { readonly kind: "entries"; readonly keys: readonly unknown[] }
  | {
      readonly kind: "object";
      readonly keys: readonly PropertyKey[];
      readonly accessors: readonly PropertyKey[];
    }
);

/** The attributes of a field without its value, which a form must not keep alive. */
function attributesOf(at: object, key: PropertyKey): PropertyDescriptor {
  const { value: _, ...attributes } = Object.getOwnPropertyDescriptor(at, key)!;
  return attributes;
}

const none: readonly never[] = [];

/** What lies directly in an object; null where it can't be looked into. */
function partsOf(at: object): Parts | null {
  if (Array.isArray(at)) {
    // The names of elements come first.
    const names = Object.keys(at);
    const extras =
      names.length === 0 || isIndex(names.at(-1)!) ? none : names.filter((name) => !isIndex(name));
    return { kind: "array", keys: null, values: at, extras };
  }
  switch (tagOf(at)) {
    case "Map": {
      const map = at as Map<unknown, unknown>;
      return { kind: "entries", keys: [...map.keys()], values: [...map.values()], extras: Object.keys(at) };
    }
    case "Set":
      return { kind: "set", keys: null, values: [...(at as Set<unknown>)], extras: Object.keys(at) };
    case "Promise":
    case "WeakMap":
    case "WeakSet":
    case "WeakRef":
    case "Generator":
    case "AsyncGenerator":
    case "Map Iterator":
    case "Set Iterator":
    case "Array Iterator":
      return null;
  }
  const keys: PropertyKey[] = [];
  const values: unknown[] = [];
  const accessors: PropertyKey[] = [];
  for (const key of Reflect.ownKeys(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key)!;
    if ("value" in descriptor) {
      keys.push(key);
      values.push(descriptor.value);
    } else accessors.push(key);
  }
  return { kind: "object", keys, values, accessors, extras: none };
}

const isIndex = (name: string) => /^(0|[1-9]\d*)$/.test(name);

/** The path from an object to one of its parts, written as code. */
function inCode({ kind, keys }: Parts, i: number): string {
  if (kind === "object") return dotted(keys[i]!);
  return kind === "entries" ? `.get(${keyText(keys[i])})` : `[${i}]`;
}

/** What to look for in `leavesIn`. */
export interface Search<Leaf> {
  isLeaf(value: unknown): value is Leaf;
  /** Whether something is not looked into. */
  isFixed(value: object): boolean;
  /** Called for what can't be looked into, with its path; it throws. */
  closed(value: object, path: string): never;
  /** Called for a second leaf of one path; it throws. */
  ambiguous(path: string): never;
}

/**
 * The leaves within something, each once, by the first path that leads to it: "0.weight". It is walked as `flatten` walks
 * a tree. Since nothing is rebuilt, it may also lead back to itself, and the enumerable fields of functions, arrays, Maps
 * and Sets are walked too.
 */
export function leavesIn<Leaf>(within: unknown, search: Search<Leaf>): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  const seen = new Set<unknown>();
  const look = (value: unknown, path: string): void => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value))
      return;
    seen.add(value);
    if (search.isLeaf(value)) {
      if (found.has(path)) search.ambiguous(path);
      found.set(path, value);
      return;
    }
    if (ArrayBuffer.isView(value) || search.isFixed(value)) return;
    if (typeof value === "function") {
      lookAtFields(value, Object.keys(value), path);
      return;
    }
    const parts = partsOf(value);
    if (parts === null) search.closed(value, path);
    const { kind, keys, values, extras } = parts;
    values.forEach((part, i) => {
      // Only objects and functions hold leaves.
      if ((typeof part === "object" || typeof part === "function") && part !== null)
        look(part, joined(path, kind === "object" || kind === "entries" ? keys[i] : i, i));
    });
    lookAtFields(value, extras, path);
    if (kind !== "object") return;
    const isEnumerable = (key: PropertyKey) => Object.prototype.propertyIsEnumerable.call(value, key);
    lookAtFields(value, parts.accessors.filter(isEnumerable), path);
  };
  const lookAtFields = (value: object, keys: readonly PropertyKey[], path: string) => {
    for (const key of keys) look((value as Record<PropertyKey, unknown>)[key], joined(path, key, 0));
  };
  look(within, "");
  return found;
}

/** A path and one more name, after a dot, or in quotes where the name could be mistaken for a path. What has no name goes by its place. */
function joined(path: string, key: unknown, place: number): string {
  const hasName = (typeof key !== "object" || key === null) && typeof key !== "function";
  const text = String(hasName ? (key as PropertyKey) : place);
  if (typeof key === "string" && (/[.[\]"]|^$/.test(text) || text === "__proto__"))
    return `${path}[${JSON.stringify(text)}]`;
  return path === "" ? text : `${path}.${text}`;
}

/**
 * A tree of a form with other leaves. What holds none is not copied. A Set takes each leaf once: where two of its places
 * have the same one, `again` makes another of it.
 */
export function fill(form: Form, leaves: readonly unknown[], again?: (leaf: unknown) => unknown): unknown {
  switch (form.kind) {
    case "leaf":
      return leaves[form.place];
    case "fixed":
      return form.value;
    case "array": {
      const { items, prototype } = form;
      const copy: unknown[] = [];
      for (let i = 0; i < items.length; i++) copy.push(fill(items[i]!, leaves, again));
      return prototype === Array.prototype ? copy : alike(copy, prototype);
    }
    case "entries":
      return alike(
        new Map(form.items.map((item, i) => [form.keys[i], fill(item, leaves, again)])),
        form.prototype,
      );
    case "set": {
      const set = new Set<unknown>();
      for (const item of form.items) {
        const value = fill(item, leaves, again);
        set.add(again !== undefined && set.has(value) ? again(value) : value);
      }
      return alike(set, form.prototype);
    }
    case "object": {
      const { prototype, isLiteral, keys, items, attributes, accessors, accessorAttributes } = form;
      if (isLiteral === true) {
        // The same without descriptors, which cost more than all the rest of a compiled call.
        const literal: Record<PropertyKey, unknown> = {};
        for (let i = 0; i < keys.length; i++) literal[keys[i]!] = fill(items[i]!, leaves, again);
        return literal;
      }
      const copy = Object.create(prototype) as object;
      keys.forEach((key, i) => {
        Object.defineProperty(copy, key, { ...attributes[i], value: fill(items[i]!, leaves, again) });
      });
      accessors.forEach((key, i) => {
        Object.defineProperty(copy, key, accessorAttributes[i]!);
      });
      return copy;
    }
  }
}

const isOrdinary = ({ writable, configurable }: PropertyDescriptor) =>
  writable === true && configurable === true;

const prototypeOf = (value: object) => Object.getPrototypeOf(value) as object | null;

/** A copy as an instance of the class that it is a copy of. */
function alike(copy: object, prototype: object | null = prototypeOf(copy)): object {
  if (prototype !== prototypeOf(copy)) Object.setPrototypeOf(copy, prototype);
  return copy;
}

/** The tag by which an object of any realm is told. */
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
      for (let i = 0; i < value.length; i++) {
        const item = form.items[i]!;
        // Most items are leaves, for which a call of this function would take longer than what it does.
        if (item.kind === "leaf" ? !takes(value[i], item.place) : !fits(item, value[i], takes)) return false;
      }
      return true;
    }
    case "object": {
      const { prototype, keys, items, isPlain, accessors, accessorAttributes } = form;
      if (value === null || typeof value !== "object" || !hasKeys(value, keys, isPlain, accessors))
        return false;
      if (prototypeOf(value) !== prototype && (!isPlain || isInstance(value))) return false;
      for (let i = 0; i < keys.length; i++)
        if (!fits(items[i]!, (value as Record<PropertyKey, unknown>)[keys[i]!], takes)) return false;
      return accessors.every((key, i) => getterOf(value, key) === accessorAttributes[i]!.get);
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

/** Whether an object has these fields in this order: a function may go by the order, as Object.values does. */
function hasKeys(
  value: object,
  keys: readonly PropertyKey[],
  isPlain: boolean,
  accessors: readonly PropertyKey[],
): boolean {
  if (!isPlain) {
    const parts = partsOf(value);
    return parts?.kind === "object" && sameList(parts.keys, keys) && sameList(parts.accessors, accessors);
  }
  // Allocates nothing for the objects that most calls are made with.
  let count = 0;
  for (const key in value) if (Object.hasOwn(value, key) && key !== keys[count++]) return false;
  return count === keys.length;
}

const getterOf = (value: object, key: PropertyKey) => Object.getOwnPropertyDescriptor(value, key)?.get;

const sameList = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((each, i) => each === b[i]);
