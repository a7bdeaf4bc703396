// The lines of one function: values, constants, and regions with lines of their own.

import { type Functions, namesOf, type Operand, typesOf } from "./operand.ts";
import { denseLiteral, type ElementType, literal, type Shape, tensorType } from "./types.ts";

/** Writes lines. */
export class Lines {
  /** The module's private functions so far. */
  readonly functions: Functions;
  readonly #lines: string[] = [];
  #depth = 1;
  #next = 0;
  /** Constants by what they are: of the function, and of each region that is open. */
  readonly #constants: Map<string, Operand>[] = [new Map()];

  constructor(functions: Functions = new Map()) {
    this.functions = functions;
  }

  /** The lines so far. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  protected line(text: string): void {
    this.#lines.push("  ".repeat(this.#depth) + text);
  }

  protected name(): string {
    return `%${this.#next++}`;
  }

  /** A line that makes one value. `text` is the operation, without the value's name. */
  value(text: string, type: ElementType, shape: Shape): Operand {
    const name = this.name();
    this.line(`${name} = ${text}`);
    return { name, type, shape };
  }

  // ── Constants ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A tensor whose elements are all one number. */
  constant(value: number, type: ElementType, shape: Shape): Operand {
    const dense = shape.includes(0) ? "" : literal(value, type);
    return { ...this.#known(dense, type, shape), constant: value };
  }

  /** A tensor of these bits, for whole numbers that a float64 does not hold. */
  bits(pattern: bigint, type: "ui32" | "ui64", shape: Shape): Operand {
    return this.#known(shape.includes(0) ? "" : `${pattern}`, type, shape);
  }

  /** A constant of the type and shape of another value. */
  like(value: number, { type, shape }: Operand): Operand {
    return this.constant(value, type, shape);
  }

  /** A tensor of numbers, row-major. */
  numbers(data: ArrayLike<number>, type: ElementType, shape: Shape): Operand {
    const isSame = data.length > 0 && Array.prototype.every.call(data, (x: number) => Object.is(x, data[0]));
    const made = this.#known(denseLiteral(data, shape, type), type, shape);
    return isSame ? { ...made, constant: data[0]! } : made;
  }

  #known(dense: string, type: ElementType, shape: Shape): Operand {
    const text = `stablehlo.constant dense<${dense}> : ${tensorType({ shape, type })}`;
    for (const constants of this.#constants) {
      const known = constants.get(text);
      if (known !== undefined) return known;
    }
    const made = this.value(text, type, shape);
    this.#constants.at(-1)!.set(text, made);
    return made;
  }

  /** Indices along an axis: 0, 1, …. */
  iota(axis: number, type: ElementType, shape: Shape): Operand {
    return this.value(`stablehlo.iota dim = ${axis} : ${tensorType({ shape, type })}`, type, shape);
  }

  /** A line, or several, that make several values. */
  protected several(
    results: readonly Pick<Operand, "type" | "shape">[],
    write: (name: string) => void,
  ): readonly Operand[] {
    const name = this.name();
    write(results.length === 1 ? name : `${name}:${results.length}`);
    return results.map(({ type, shape }, i) => ({
      name: results.length === 1 ? name : `${name}#${i}`,
      type,
      shape,
    }));
  }

  /** A region with arguments of its own. */
  protected block(
    given: readonly Pick<Operand, "type" | "shape">[],
    body: (given: readonly Operand[]) => readonly Operand[],
  ): void {
    const named = given.map(({ type, shape }) => ({ name: this.name(), type, shape }));
    if (named.length > 0)
      this.line(`^bb0(${named.map((each) => `${each.name}: ${tensorType(each)}`).join(", ")}):`);
    this.within(() => body(named));
  }

  protected within(body: () => readonly Operand[]): void {
    this.#depth++;
    this.#constants.push(new Map());
    const results = body();
    this.line(`stablehlo.return ${namesOf(results)} : ${typesOf(results)}`);
    this.#constants.pop();
    this.#depth--;
  }
}
