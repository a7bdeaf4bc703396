// Writes StableHLO operations, one a line, each a value that later lines use: what the rest of this folder is written in.

import { denseLiteral, type ElementType, isFloat, literal, type Shape, tensorType } from "./types.ts";

/** A value of the text. */
export interface Operand {
  /** Its name in the text: `%3`, `%arg0`, `%4#1`. */
  readonly name: string;
  /** The type of its elements. */
  readonly type: ElementType;
  /** The size of each axis. */
  readonly shape: Shape;
  /** The number that all of its elements are, where that is known. */
  readonly constant?: number;
}

/** How two numbers are compared. NaN is in no order, and NE alone is true of it. */
export type Direction = "EQ" | "NE" | "LT" | "LE" | "GT" | "GE";

/** The operations of StableHLO with one operand and a result of its type. */
export type Unary =
  | "abs"
  | "cbrt"
  | "ceil"
  | "cosine"
  | "exponential"
  | "exponential_minus_one"
  | "floor"
  | "log"
  | "log_plus_one"
  | "logistic"
  | "negate"
  | "not"
  | "round_nearest_even"
  | "rsqrt"
  | "sign"
  | "sine"
  | "sqrt"
  | "tan"
  | "tanh";

/** Those with two operands of one type, and a result of it. */
export type Binary =
  | "add"
  | "and"
  | "atan2"
  | "divide"
  | "maximum"
  | "minimum"
  | "multiply"
  | "or"
  | "power"
  | "remainder"
  | "shift_left"
  | "shift_right_logical"
  | "subtract"
  | "xor";

/** The functions of chlo, a dialect that XLA and StableHLO's own tools expand into StableHLO. */
export type Special = "acos" | "acosh" | "asin" | "asinh" | "atan" | "erf" | "erf_inv";

/** What combines elements in a reduction. */
export type Combining = "add" | "and" | "maximum" | "minimum" | "multiply" | "or";

const typesOf = (operands: readonly Operand[]) => operands.map(tensorType).join(", ");
const namesOf = (operands: readonly Operand[]) => operands.map(({ name }) => name).join(", ");
const list = (numbers: Shape) => `[${numbers.join(", ")}]`;
const array = (numbers: Shape) => `array<i64${numbers.length === 0 ? "" : `: ${numbers.join(", ")}`}>`;

/** Private functions of a module by their names, each with its text. */
export type Functions = Map<string, string>;

/** Writes the lines of one function. */
export class Emitter {
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

  #line(text: string): void {
    this.#lines.push("  ".repeat(this.#depth) + text);
  }

  #name(): string {
    return `%${this.#next++}`;
  }

  /** A line that makes one value. `text` is the operation, without the value's name. */
  value(text: string, type: ElementType, shape: Shape): Operand {
    const name = this.#name();
    this.#line(`${name} = ${text}`);
    return { name, type, shape };
  }

  // ── Elements ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** `stablehlo.<operation>` of one value. */
  unary(operation: Unary, x: Operand): Operand {
    return this.value(`stablehlo.${operation} ${x.name} : ${tensorType(x)}`, x.type, x.shape);
  }

  /** `stablehlo.<operation>` of two values of one shape and type. */
  binary(operation: Binary, a: Operand, b: Operand): Operand {
    return this.value(`stablehlo.${operation} ${namesOf([a, b])} : ${tensorType(a)}`, a.type, a.shape);
  }

  /** `chlo.<operation>` of one value. */
  special(operation: Special, x: Operand): Operand {
    return this.value(`chlo.${operation} ${x.name} : ${tensorType(x)} -> ${tensorType(x)}`, x.type, x.shape);
  }

  /** Whether a stands to b in this way, for each element. Truth values of one shape and type, or numbers. */
  compare(direction: Direction, a: Operand, b: Operand): Operand {
    const result = tensorType({ shape: a.shape, type: "i1" });
    const text = `stablehlo.compare ${direction}, ${namesOf([a, b])} : (${typesOf([a, b])}) -> ${result}`;
    return this.value(text, "i1", a.shape);
  }

  /** Whether elements are neither infinite nor NaN. */
  isFinite(x: Operand): Operand {
    const result = tensorType({ shape: x.shape, type: "i1" });
    return this.value(`stablehlo.is_finite ${x.name} : (${tensorType(x)}) -> ${result}`, "i1", x.shape);
  }

  /** Whether elements are NaN. */
  isNaN(x: Operand): Operand {
    return this.compare("NE", x, x);
  }

  /** a where the condition holds, else b. All have one shape. */
  select(condition: Operand, a: Operand, b: Operand): Operand {
    const text = `stablehlo.select ${namesOf([condition, a, b])} : ${tensorType(condition)}, ${tensorType(a)}`;
    return this.value(text, a.type, a.shape);
  }

  /** Elements as another type, by their numbers. */
  convert(x: Operand, type: ElementType): Operand {
    if (x.type === type) return x;
    if (x.constant !== undefined && isFloat(type) && x.type !== "f64")
      return this.constant(x.constant, type, x.shape);
    const text = `stablehlo.convert ${x.name} : (${tensorType(x)}) -> ${tensorType({ shape: x.shape, type })}`;
    return this.value(text, type, x.shape);
  }

  /** Elements as another type of the same width, by their bits. */
  bitcast(x: Operand, type: ElementType): Operand {
    const result = tensorType({ shape: x.shape, type });
    return this.value(`stablehlo.bitcast_convert ${x.name} : (${tensorType(x)}) -> ${result}`, type, x.shape);
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

  // ── Movement ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Axis i of x is axis `axes[i]` of the result; axes of size 1 repeat. */
  broadcast(x: Operand, axes: Shape, shape: Shape): Operand {
    const result = tensorType({ shape, type: x.type });
    const text = `stablehlo.broadcast_in_dim ${x.name}, dims = ${list(axes)} : (${tensorType(x)}) -> ${result}`;
    const made = this.value(text, x.type, shape);
    return x.constant === undefined ? made : { ...made, constant: x.constant };
  }

  /** x repeated to a shape as broadcasting does: axes are aligned from the last. */
  spread(x: Operand, shape: Shape): Operand {
    if (x.shape.length === shape.length && x.shape.every((n, i) => n === shape[i])) return x;
    const added = shape.length - x.shape.length;
    return this.broadcast(
      x,
      x.shape.map((_, axis) => axis + added),
      shape,
    );
  }

  /** The same elements, row-major, under another shape. */
  reshape(x: Operand, shape: Shape): Operand {
    if (x.shape.length === shape.length && x.shape.every((n, i) => n === shape[i])) return x;
    const result = tensorType({ shape, type: x.type });
    return this.value(`stablehlo.reshape ${x.name} : (${tensorType(x)}) -> ${result}`, x.type, shape);
  }

  /** Axis i of the result is axis `order[i]` of x. */
  transpose(x: Operand, order: Shape): Operand {
    const shape = order.map((axis) => x.shape[axis]!);
    const result = tensorType({ shape, type: x.type });
    const text = `stablehlo.transpose ${x.name}, dims = ${list(order)} : (${tensorType(x)}) -> ${result}`;
    return this.value(text, x.type, shape);
  }

  /** Every `steps`-th element from `starts`, `sizes` of them, along each axis. */
  slice(x: Operand, starts: Shape, sizes: Shape, steps: Shape = starts.map(() => 1)): Operand {
    const ranges = starts.map((start, axis) => {
      const size = sizes[axis]!;
      const [from, end] = size === 0 ? [0, 0] : [start, start + (size - 1) * steps[axis]! + 1];
      return steps[axis] === 1 ? `${from}:${end}` : `${from}:${end}:${steps[axis]}`;
    });
    const result = tensorType({ shape: sizes, type: x.type });
    const text = `stablehlo.slice ${x.name} [${ranges.join(", ")}] : (${tensorType(x)}) -> ${result}`;
    return this.value(text, x.type, sizes);
  }

  /** x with a number before, after and between its elements along each axis. */
  pad(x: Operand, before: Shape, after: Shape, between: Shape, filler: number): Operand {
    const shape = x.shape.map((n, i) => before[i]! + after[i]! + (n === 0 ? 0 : n + (n - 1) * between[i]!));
    const with_ = this.constant(filler, x.type, []);
    const widths = `low = ${list(before)}, high = ${list(after)}, interior = ${list(between)}`;
    const result = tensorType({ shape, type: x.type });
    const text = `stablehlo.pad ${namesOf([x, with_])}, ${widths} : (${typesOf([x, with_])}) -> ${result}`;
    return this.value(text, x.type, shape);
  }

  /** Values one after another along an axis, on which alone their shapes differ. */
  concatenate(parts: readonly Operand[], axis: number): Operand {
    const [first] = parts as [Operand];
    if (parts.length === 1) return first;
    const size = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    const shape = first.shape.with(axis, size);
    const result = tensorType({ shape, type: first.type });
    const text = `stablehlo.concatenate ${namesOf(parts)}, dim = ${axis} : (${typesOf(parts)}) -> ${result}`;
    return this.value(text, first.type, shape);
  }

  /** The elements in reverse order along some axes. */
  reverse(x: Operand, axes: Shape): Operand {
    return this.value(
      `stablehlo.reverse ${x.name}, dims = ${list(axes)} : ${tensorType(x)}`,
      x.type,
      x.shape,
    );
  }

  /** The part of x at an index along an axis, which stays with size 1; the index is known when the program runs. */
  partAt(x: Operand, place: Operand, axis: number): Operand {
    const sizes = x.shape.with(axis, 1);
    const starts = this.#startsAt(x, place, axis);
    const result = tensorType({ shape: sizes, type: x.type });
    const text = `stablehlo.dynamic_slice ${namesOf([x, ...starts])}, sizes = ${list(sizes)} : (${typesOf([x, ...starts])}) -> ${result}`;
    return this.value(text, x.type, sizes);
  }

  /** x with such a part exchanged. */
  withPartAt(x: Operand, part: Operand, place: Operand, axis: number): Operand {
    const starts = this.#startsAt(x, place, axis);
    const operands = [x, part, ...starts];
    const text = `stablehlo.dynamic_update_slice ${namesOf(operands)} : (${typesOf(operands)}) -> ${tensorType(x)}`;
    return this.value(text, x.type, x.shape);
  }

  #startsAt(x: Operand, place: Operand, axis: number): Operand[] {
    return x.shape.map((_, i) => (i === axis ? place : this.constant(0, "i32", [])));
  }

  // ── Many elements ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** What elements along axes combine to; the axes are gone from the result. */
  reduce(x: Operand, axes: Shape, combining: Combining, start: number): Operand {
    const initial = this.constant(start, x.type, []);
    const shape = x.shape.filter((_, axis) => !axes.includes(axis));
    const result = tensorType({ shape, type: x.type });
    const text = `stablehlo.reduce(${x.name} init: ${initial.name}) applies stablehlo.${combining} across dimensions = ${list(axes)} : (${typesOf([x, initial])}) -> ${result}`;
    return this.value(text, x.type, shape);
  }

  /** The matrix product of the last two axes; those before them are a batch. As exact as the type, on every device. */
  product(a: Operand, b: Operand): Operand {
    const batch = a.shape.slice(0, -2);
    const rank = a.shape.length;
    const shape = [...batch, a.shape[rank - 2]!, b.shape[rank - 1]!];
    const axes = list(batch.map((_, axis) => axis));
    const batching = batch.length === 0 ? "" : `batching_dims = ${axes} x ${axes}, `;
    const result = tensorType({ shape, type: a.type });
    const text = `stablehlo.dot_general ${namesOf([a, b])}, ${batching}contracting_dims = [${rank - 1}] x [${rank - 2}], precision = [HIGHEST, HIGHEST] : (${typesOf([a, b])}) -> ${result}`;
    return this.value(text, a.type, shape);
  }

  /** The elements of x along an axis, at indices that count from its front; all other axes agree. */
  gather(x: Operand, indices: Operand, axis: number): Operand {
    const others = list(x.shape.flatMap((_, i) => (i === axis ? [] : [i])));
    const rank = x.shape.length;
    const numbers = `#stablehlo.gather<collapsed_slice_dims = [${axis}], operand_batching_dims = ${others}, start_indices_batching_dims = ${others}, start_index_map = [${axis}], index_vector_dim = ${rank}>`;
    const result = tensorType({ shape: indices.shape, type: x.type });
    const text = `"stablehlo.gather"(${namesOf([x, indices])}) <{dimension_numbers = ${numbers}, indices_are_sorted = false, slice_sizes = ${array(x.shape.map(() => 1))}}> : (${typesOf([x, indices])}) -> ${result}`;
    return this.value(text, x.type, indices.shape);
  }

  /** Adds each element at its index along an axis of `to`; one whose index is outside is left out. */
  scatterAdd(to: Operand, indices: Operand, x: Operand, axis: number): Operand {
    const others = list(x.shape.flatMap((_, i) => (i === axis ? [] : [i])));
    const numbers = `#stablehlo.scatter<inserted_window_dims = [${axis}], input_batching_dims = ${others}, scatter_indices_batching_dims = ${others}, scatter_dims_to_operand_dims = [${axis}], index_vector_dim = ${x.shape.length}>`;
    const operands = [to, indices, x];
    const name = this.#name();
    this.#line(
      `${name} = "stablehlo.scatter"(${namesOf(operands)}) <{indices_are_sorted = false, scatter_dimension_numbers = ${numbers}, unique_indices = false}> ({`,
    );
    const element = { type: x.type, shape: [] };
    this.#block([element, element], ([a, b]) => [this.binary("add", a!, b!)]);
    this.#line(`}) : (${typesOf(operands)}) -> ${tensorType(to)}`);
    return { name, type: to.type, shape: to.shape };
  }

  /** Tensors of one shape, sorted together along an axis; equal ones stay in order. `isBefore` is given an element of each, twice. */
  sort(
    operands: readonly Operand[],
    axis: number,
    isBefore: (elements: readonly Operand[]) => Operand,
  ): readonly Operand[] {
    return this.#several(operands, (name) => {
      this.#line(
        `${name} = "stablehlo.sort"(${namesOf(operands)}) <{dimension = ${axis} : i64, is_stable = true}> ({`,
      );
      const elements = operands.flatMap(({ type }) => [
        { type, shape: [] },
        { type, shape: [] },
      ]);
      this.#block(elements, (each) => [isBefore(each)]);
      this.#line(`}) : (${typesOf(operands)}) -> (${typesOf(operands)})`);
    });
  }

  /** What a private function gives for operands: one for each name, which must say all on which its lines depend. */
  call(
    name: string,
    operands: readonly Operand[],
    body: (emit: Emitter, given: readonly Operand[]) => Operand,
  ): Operand {
    const inner = new Emitter(this.functions);
    const given = operands.map(({ type, shape }, i) => ({ name: `%arg${i}`, type, shape }));
    const result = body(inner, given);
    if (!this.functions.has(name)) {
      const args = given.map((each) => `${each.name}: ${tensorType(each)}`).join(", ");
      this.functions.set(
        name,
        [
          `func.func private @${name}(${args}) -> ${tensorType(result)} {`,
          ...inner.lines,
          `  return ${result.name} : ${tensorType(result)}`,
          "}",
        ].join("\n"),
      );
    }
    const text = `func.call @${name}(${namesOf(operands)}) : (${typesOf(operands)}) -> ${tensorType(result)}`;
    return this.value(text, result.type, result.shape);
  }

  // ── Control ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What one of two branches gives. Both see all values before them. */
  choose(
    condition: Operand,
    onTrue: () => readonly Operand[],
    onFalse: () => readonly Operand[],
    results: readonly Pick<Operand, "type" | "shape">[],
  ): readonly Operand[] {
    const types = results.map(tensorType).join(", ");
    return this.#several(results, (name) => {
      this.#line(`${name} = "stablehlo.if"(${condition.name}) ({`);
      this.#block([], onTrue);
      this.#line("}, {");
      this.#block([], onFalse);
      this.#line(`}) : (${tensorType(condition)}) -> (${types})`);
    });
  }

  /** What is carried in the end, as long as a condition holds. */
  loop(
    start: readonly Operand[],
    condition: (state: readonly Operand[]) => Operand,
    body: (state: readonly Operand[]) => readonly Operand[],
  ): readonly Operand[] {
    return this.#several(start, (name) => {
      const state = start.map(({ type, shape }) => ({ name: this.#name(), type, shape }));
      const carried = state.map((each, i) => `${each.name} = ${start[i]!.name}`).join(", ");
      this.#line(`${name} = stablehlo.while(${carried}) : ${typesOf(start)}`);
      this.#line("cond {");
      this.#within(() => [condition(state)]);
      this.#line("} do {");
      this.#within(() => body(state));
      this.#line("}");
    });
  }

  /** A line, or several, that make several values. */
  #several(
    results: readonly Pick<Operand, "type" | "shape">[],
    write: (name: string) => void,
  ): readonly Operand[] {
    const name = this.#name();
    write(results.length === 1 ? name : `${name}:${results.length}`);
    return results.map(({ type, shape }, i) => ({
      name: results.length === 1 ? name : `${name}#${i}`,
      type,
      shape,
    }));
  }

  /** A region with arguments of its own. */
  #block(
    given: readonly Pick<Operand, "type" | "shape">[],
    body: (given: readonly Operand[]) => readonly Operand[],
  ): void {
    const named = given.map(({ type, shape }) => ({ name: this.#name(), type, shape }));
    if (named.length > 0)
      this.#line(`^bb0(${named.map((each) => `${each.name}: ${tensorType(each)}`).join(", ")}):`);
    this.#within(() => body(named));
  }

  #within(body: () => readonly Operand[]): void {
    this.#depth++;
    this.#constants.push(new Map());
    const results = body();
    this.#line(`stablehlo.return ${namesOf(results)} : ${typesOf(results)}`);
    this.#constants.pop();
    this.#depth--;
  }
}
