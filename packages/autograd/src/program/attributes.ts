// Attributes of steps as plain data and back, and everything else that reads the parts of a saved program.

import { kindOf } from "../array/arguments.ts";
import type { DType } from "../array/dtype.ts";
import type { Shape } from "../array/shape-types.ts";
import { specialNumber } from "../array/special.ts";
import type { Atom } from "../expression/atoms/atom.ts";
import { ElementwiseFunction, functionOf } from "../expression/elementwise-function.ts";
import { arityOf, Expression, inOrder } from "../expression/expression.ts";
import { vocabulary } from "../expression/vocabulary.ts";
import type { Primitive } from "../tape/value.ts";
import { atoms, primitives } from "./names.ts";
import { ProgramBody } from "./parts.ts";

/** What a saved program names that is not part of this package. */
export interface Given {
  /** Your own primitives, by their names: `definePrimitive(…).primitive`. */
  readonly primitives?: Readonly<
    Record<string, Omit<Primitive<never>, "examples" | "disturbed" | "shifted" | "batched">>
  >;
  /** Your own atoms, by their names. */
  readonly atoms?: Readonly<Record<string, Atom>>;
  /** Functions that attributes hold, such as the check of `guarded`. */
  readonly functions?: Readonly<Record<string, (...args: never[]) => unknown>>;
}

/** Plain data, as JSON holds it. */
export type Saved = null | boolean | number | string | readonly Saved[] | { readonly [key: string]: Saved };

const dtypes: readonly unknown[] = ["float32", "float64", "int32", "bool"];

/**
 * Attributes as plain data. What JSON can't express stands under a name that begins with a dollar sign: special numbers,
 * functions of elements by their expressions, programs as `savedProgram` gives them, other functions by their names.
 */
export function savedAttributes(
  value: unknown,
  savedProgram: (program: ProgramBody) => object,
  where: string,
  around: readonly unknown[] = [],
): Saved {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return value.startsWith("$") ? { $text: value } : value;
  if (typeof value === "number") return savedNumber(value);
  if (value === undefined) return { $undefined: true };
  if (typeof value === "bigint") return { $bigint: `${value}` };
  if (value instanceof ElementwiseFunction) return savedFunction(value);
  if (value instanceof ProgramBody) return { $program: savedProgram(value) as Saved };
  if (typeof value === "function" && value.name !== "") return { $given: value.name };
  const isPlain =
    Array.isArray(value) ||
    (typeof value === "object" &&
      [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null));
  if (!isPlain || around.includes(value))
    throw new TypeError(
      `toJSON: ${where} hold ${around.includes(value) ? "an object that holds itself" : kindOf(value)}, which has no form as data; use numbers, texts, lists and plain objects, or functions with a name, which are given again when loading`,
    );
  const inside = (part: unknown) => savedAttributes(part, savedProgram, where, [...around, value]);
  if (Array.isArray(value)) return value.map(inside);
  return Object.fromEntries(
    Object.entries(value as object).map(([key, part]) => [
      key.startsWith("$") ? `$${key}` : key,
      inside(part),
    ]),
  );
}

/** A number, or an object that says which special one it is. */
export const savedNumber = (value: number): Saved =>
  Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : { $number: Object.is(value, -0) ? "-0" : `${value}` };

/** A function of elements, by its expression. */
export function savedFunction(fn: ElementwiseFunction): Saved {
  const entry = vocabulary.find(({ name }) => name === fn.name);
  if (entry !== undefined && functionOf(entry) === fn) return { $function: fn.name };
  const nodes = inOrder(fn.expression);
  const place = new Map(nodes.map((node, i) => [node, i]));
  return {
    $function: fn.name,
    arity: fn.arity,
    nodes: nodes.map(({ atom, operands, input, constant }): Saved => {
      if (atom !== null) return { atom: atom.name, of: operands.map((operand) => place.get(operand)!) };
      return input >= 0 ? { input } : { constant: savedNumber(constant) };
    }),
  };
}

/** Reads plain data. Throws TypeError, with the place, where the data are not what they must be. */
export class Reader {
  readonly #given: Given;
  readonly #program: (saved: unknown) => ProgramBody;

  readonly #caller: string;

  /** `program` reads a program that a step holds; `caller` is for messages. */
  constructor(given: Given, program: (saved: unknown) => ProgramBody, caller = "Program.fromJSON") {
    this.#given = given;
    this.#program = program;
    this.#caller = caller;
  }

  refuse(at: string, what: string): never {
    throw new TypeError(`${this.#caller}: ${at === "" ? "the data" : at} ${what}`);
  }

  object(value: unknown, at: string): Readonly<Record<string, unknown>> {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      this.refuse(at, `is ${kindOf(value)} and must be an object`);
    return value as Record<string, unknown>;
  }

  list(value: unknown, at: string): readonly unknown[] {
    if (!Array.isArray(value)) this.refuse(at, `is ${kindOf(value)} and must be a list`);
    // Holes read as undefined, which map would pass over.
    return Array.from(value as unknown[]);
  }

  text(value: unknown, at: string): string {
    if (typeof value !== "string") this.refuse(at, `is ${kindOf(value)} and must be a text`);
    return value as string;
  }

  /** A place in a list of `count` items. */
  index(value: unknown, count: number, at: string): number {
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= count)
      this.refuse(
        at,
        `is ${typeof value === "number" ? value : kindOf(value)} and must be one of the ${count} before it, counted from 0`,
      );
    return value as number;
  }

  number(value: unknown, at: string): number {
    if (typeof value === "number") return value;
    const special = specialNumber(value);
    if (special !== undefined) return special;
    return this.refuse(
      at,
      `is ${typeof value === "string" ? JSON.stringify(value) : kindOf(value)} and must be a number, or "NaN", "Infinity", "-Infinity" or "-0"`,
    );
  }

  shape(value: unknown, at: string): Shape {
    const sizes = this.list(value, at);
    sizes.forEach((n, axis) => {
      if (!Number.isInteger(n) || (n as number) < 0)
        this.refuse(`${at}[${axis}]`, `is ${String(n)} and must be a size, a whole number from 0`);
    });
    return [...(sizes as readonly number[])];
  }

  dtype(value: unknown, at: string): DType {
    if (!dtypes.includes(value))
      this.refuse(at, `is ${JSON.stringify(value)} and must be one of ${dtypes.join(", ")}`);
    return value as DType;
  }

  primitive(name: unknown, at: string): Primitive {
    const own = this.text(name, at);
    const given = this.#given.primitives ?? {};
    const found = Object.hasOwn(given, own) ? given[own] : primitives.get(own);
    if (found === undefined)
      this.refuse(
        at,
        `is "${own}", which is no primitive here; give it: ${this.#caller}(json, { primitives: { ${own} } })`,
      );
    return found as Primitive;
  }

  attributes(value: unknown, at: string): unknown {
    if (value === undefined) this.refuse(at, "is missing");
    if (Array.isArray(value)) return value.map((part, i) => this.attributes(part, `${at}[${i}]`));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (first !== undefined && /^\$[^$]/.test(first[0]))
      return this.#special(first[0], value as Record<string, unknown>, at);
    return Object.fromEntries(
      entries.map(([key, part]) => [
        key.startsWith("$$") ? key.slice(1) : key,
        this.attributes(part, `${at}.${key}`),
      ]),
    );
  }

  #special(kind: string, value: Readonly<Record<string, unknown>>, at: string): unknown {
    switch (kind) {
      case "$text":
        return this.text(value["$text"], `${at}.$text`);
      case "$number":
        return this.number(value["$number"], `${at}.$number`);
      case "$undefined":
        return undefined;
      case "$bigint": {
        const digits = this.text(value["$bigint"], `${at}.$bigint`);
        if (!/^-?\d+$/.test(digits)) this.refuse(`${at}.$bigint`, "is no whole number");
        return BigInt(digits);
      }
      case "$given": {
        const name = this.text(value["$given"], `${at}.$given`);
        const given = this.#given.functions ?? {};
        if (!Object.hasOwn(given, name))
          this.refuse(
            at,
            `is the function "${name}", which is not saved; give it: ${this.#caller}(json, { functions: { ${name} } })`,
          );
        return given[name];
      }
      case "$function":
        return this.elementwise(value, at);
      case "$program":
        try {
          return this.#program(value["$program"]);
        } catch (error) {
          return this.refuse(`${at}.$program`, `is no program: ${(error as Error).message}`);
        }
      default:
        return this.refuse(at, `has "${kind}", which is no form of a value`);
    }
  }

  /** A function of elements. */
  elementwise(saved: Readonly<Record<string, unknown>>, at: string): ElementwiseFunction {
    const name = this.text(saved["$function"], `${at}.$function`);
    if (saved["nodes"] === undefined) {
      const entry = vocabulary.find((each) => each.name === name);
      if (entry === undefined)
        this.refuse(`${at}.$function`, `is "${name}", which is no function of elements here`);
      return functionOf(entry!);
    }
    const nodes: Expression[] = [];
    this.list(saved["nodes"], `${at}.nodes`).forEach((each, i) => {
      const where = `${at}.nodes[${i}]`;
      const node = this.object(each, where);
      if (node["atom"] !== undefined) {
        const atom = this.#atom(node["atom"], `${where}.atom`);
        const operands = this.list(node["of"], `${where}.of`).map(
          (place, k) => nodes[this.index(place, nodes.length, `${where}.of[${k}]`)]!,
        );
        if (operands.length !== atom.arity)
          this.refuse(
            `${where}.of`,
            `names ${operands.length} operands, and ${atom.name} takes ${atom.arity}`,
          );
        nodes.push(Expression.apply(atom, operands));
      } else if (node["input"] !== undefined)
        nodes.push(Expression.input(this.index(node["input"], 64, `${where}.input`)));
      else nodes.push(Expression.constant(this.#constant(node["constant"], `${where}.constant`)));
    });
    const root = nodes.at(-1);
    if (root === undefined) return this.refuse(`${at}.nodes`, "is empty");
    const arity = this.index(saved["arity"], 65, `${at}.arity`);
    if (arityOf(root) > arity)
      this.refuse(`${at}.arity`, `is ${arity}, and the expression has ${arityOf(root)} inputs`);
    try {
      return new ElementwiseFunction(name, arity, root);
    } catch (error) {
      return this.refuse(`${at}.nodes`, `is no expression: ${(error as Error).message}`);
    }
  }

  #constant(saved: unknown, at: string): number {
    const value = this.attributes(saved, at);
    if (typeof value !== "number") this.refuse(at, `is ${kindOf(value)} and must be a number`);
    return value as number;
  }

  #atom(name: unknown, at: string): Atom {
    const own = this.text(name, at);
    const given = this.#given.atoms ?? {};
    const found = Object.hasOwn(given, own) ? given[own] : atoms.get(own);
    if (found === undefined)
      this.refuse(
        at,
        `is "${own}", which is no atom here; give it: ${this.#caller}(json, { atoms: { ${own} } })`,
      );
    return found!;
  }
}
