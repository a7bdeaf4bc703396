// A program while it is emitted: which of its values are needed, and which tensors of the graph they have become. Knows no
// primitive.

import type { DType, ProgramStep, ProgramValue, Variable } from "@adjoint/autograd";
import { Arithmetic, type Term } from "./arithmetic.ts";
import type { ElementType, Port } from "./encode.ts";
import { dimensionOf, fixed, isFixed, type Size, sizeAt } from "./sizes.ts";
import { uniform } from "./trace.ts";
import { BatchError, type Twins } from "./twins.ts";
import type { Element, Writer } from "./writer.ts";

/** What holds for the whole model. */
export interface Setting {
  readonly writer: Writer;
  /** The type that numbers of a type have in the model. */
  readonly typeOf: (dtype: DType) => ElementType;
  readonly variables: ReadonlyMap<Variable, Element>;
  /** What some values of a program become, where its inputs are these tensors. */
  readonly emitBody: (
    setting: Setting,
    twins: Twins,
    inputs: readonly Element[],
    wanted: readonly ProgramValue[],
  ) => readonly Element[];
}

/** The tensor that a step's result has become, or those of several results; null where the emission holds it already. */
export type Emitted = Element | readonly (Element | null)[] | null;

/** A tensor, and the shape of the tensor that it is before it is repeated. */
export interface Narrow {
  readonly element: Element;
  readonly shape: readonly Size[];
}

export class Emission {
  readonly setting: Setting;
  readonly twins: Twins;
  readonly #needed: ReadonlySet<ProgramValue>;
  readonly #held = new Map<ProgramValue, Element>();
  readonly #narrow = new Map<ProgramValue, Narrow>();
  readonly #inputs: readonly Element[];

  constructor(setting: Setting, twins: Twins, inputs: readonly Element[], needed: ReadonlySet<ProgramValue>) {
    this.setting = setting;
    this.twins = twins;
    this.#inputs = inputs;
    this.#needed = needed;
  }

  get writer(): Writer {
    return this.setting.writer;
  }

  typeOf({ dtype }: Pick<ProgramValue, "dtype">): ElementType {
    return this.setting.typeOf(dtype);
  }

  shape(value: ProgramValue): readonly Size[] {
    return this.twins.shape(value);
  }

  sizes<S extends ProgramStep>(step: S, read: (step: S) => readonly number[]): readonly Size[] {
    return this.twins.sizes(step, read);
  }

  /** The arithmetic of a value's type. */
  arithmetic(value: ProgramValue): Arithmetic {
    return new Arithmetic(this.writer, this.typeOf(value));
  }

  isNeeded(value: ProgramValue): boolean {
    return this.#needed.has(value);
  }

  hold(value: ProgramValue, element: Element): void {
    this.#held.set(value, element);
  }

  /** Says of which smaller tensor a value is repetitions; they are made where an operator needs them. */
  holdNarrow(value: ProgramValue, narrow: Narrow): void {
    this.#narrow.set(value, narrow);
  }

  /** What is repeated to a value; the value itself where nothing is. */
  narrow(value: ProgramValue): Narrow {
    const narrow = this.#narrow.get(value) ?? this.#single(value);
    return narrow ?? { element: this.take(value), shape: this.shape(value) };
  }

  /** The tensor of the graph that a value has become. */
  take(value: ProgramValue): Element {
    const narrow = this.#narrow.get(value);
    if (narrow !== undefined) return this.expanded(narrow.element, this.shape(value));
    const held = this.#held.get(value);
    if (held !== undefined) return held;
    const { origin } = value;
    switch (origin.kind) {
      case "argument":
        return this.#inputs[origin.place]!;
      case "variable":
        return this.setting.variables.get(origin.variable.face as Variable)!;
      case "constant":
        return this.#constant(value);
      case "gradient":
        throw new TypeError(
          "toOnnx: the program reads the gradient that a variable has when it begins, which a model of ONNX does not have; let the function compute it, e.g. by gradients(loss, variables)",
        );
      case "step":
        throw new Error(`a value of the step ${origin.step.primitive.name} is used before it is emitted`);
    }
  }

  takeAll(values: readonly ProgramValue[]): readonly Element[] {
    return values.map((value) => this.take(value));
  }

  expanded(x: Element, shape: readonly Size[]): Element {
    return this.writer.add("Expand", [x.name, this.writer.sizes(shape)], x.type);
  }

  /** A tensor without elements. */
  empty(value: ProgramValue): Element {
    const shape = this.shape(value);
    const type = this.typeOf(value);
    if (!shape.every(isFixed)) return this.filled(0, shape, type);
    return this.writer.constant(
      type,
      shape.map(({ plus }) => plus),
      [],
    );
  }

  /** A tensor of one number. */
  filled(value: Term, shape: readonly Size[], type: ElementType): Element {
    const e = new Arithmetic(this.writer, type);
    return shape.length === 0 ? e.as(value) : this.expanded(e.as(value), shape);
  }

  /** An input or output of a graph that has a value's type and shape. */
  port(name: string, value: ProgramValue): Port {
    return { name, type: this.typeOf(value), shape: this.shape(value).map(dimensionOf) };
  }

  /** A number that may depend on the batch, as a term of a type. */
  number(values: readonly number[], type: ElementType): Term {
    const [first] = values as [number];
    if (values.every((value) => Object.is(value, first))) return first;
    const size = sizeAt(values, this.twins.batches);
    if (size !== undefined) return this.writer.size(size, type);
    // As means have it, 1/n, and variances, n/(n − 1) = 1 + 1/(n − 1).
    const e = new Arithmetic(this.writer, type);
    const round = type === "float32" ? Math.fround : (x: number) => x;
    for (const more of [0, 1]) {
      const inverses = values.map((value) => Math.round(1 / (value - more)));
      const isSo = inverses.every((n, i) => [more + 1 / n, round(more + 1 / n)].includes(values[i]!));
      const inverse = isSo ? sizeAt(inverses, this.twins.batches) : undefined;
      if (inverse === undefined) continue;
      const fraction = e.div(1, this.writer.size(inverse, type));
      return more === 0 ? fraction : e.add(more, fraction);
    }
    throw new BatchError(
      `toOnnx: a number is ${values.join(", ")} for batches of ${this.twins.batches.join(", ")}, and it is not known how it follows from the batch; export the function with a fixed batch: toOnnx(record(f, ...examples))`,
    );
  }

  /** A constant whose elements are all one number, as that number. */
  #single(value: ProgramValue): Narrow | undefined {
    if (value.origin.kind !== "constant" || value.shape.length === 0) return undefined;
    const all = this.twins.eachOf(value, uniform);
    if (all.includes(undefined)) return undefined;
    const type = this.typeOf(value);
    return { element: this.filled(this.number(all as readonly number[], type), [], type), shape: [] };
  }

  #constant(value: ProgramValue): Element {
    const type = this.typeOf(value);
    const shape = this.shape(value);
    const all = this.twins.eachOf(value, ({ origin }) =>
      origin.kind === "constant" ? origin.array.data : [],
    );
    const data: ArrayLike<number> = all[0]!;
    const isSame = all.every((each) => each === data || same(each, data));
    if (shape.every(isFixed) && isSame)
      return this.writer.constant(
        type,
        shape.map(({ plus }) => plus),
        data,
      );
    const single = this.#single(value);
    if (single !== undefined) return this.expanded(single.element, shape);
    // Along the axes of the batch the same again and again, such as the first state of every sample.
    const kept = shape.map((size) => (isFixed(size) ? size : fixed(1)));
    const rows = this.twins.eachOf(value, (each) => firstAlong(each, shape));
    if (rows.every((row) => row !== undefined && same(row, rows[0]!)))
      return this.expanded(
        this.writer.constant(
          type,
          kept.map(({ plus }) => plus),
          rows[0]!,
        ),
        shape,
      );
    throw new BatchError(
      "toOnnx: numbers that the function makes differ along the batch, and it is not known how they go on for other sizes; make them an argument of the function",
    );
  }
}

const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.prototype.every.call(a, (x: number, i: number) => Object.is(x, b[i]));

/** The numbers at the first place along the axes that depend on the batch; undefined where others differ from them. */
function firstAlong(value: ProgramValue, sizes: readonly Size[]): readonly number[] | undefined {
  const { shape, origin } = value;
  if (origin.kind !== "constant") return undefined;
  const { data } = origin.array;
  const kept = shape.map((n, axis) => (isFixed(sizes[axis]!) ? n : 1));
  const found: number[] = [];
  for (let at = 0; at < data.length; at++) {
    let [rest, place, stride] = [at, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (kept[axis] !== 1) place += (rest % shape[axis]!) * stride;
      stride *= kept[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    found[place] ??= data[at]!;
    if (!Object.is(found[place], data[at])) return undefined;
  }
  return found;
}
