// The class Scalar: one number, and the record of how it was computed, which lies on the tape (segment.ts).

import { type ElementwiseFunction, functionOf } from "../expression/elementwise-function.ts";
import { type NanToNumOptions, replacements } from "../expression/nan-to-num.ts";
import { replacing } from "../expression/replacing.ts";
import { numberText } from "../expression/text.ts";
import { canGenerateCode } from "../expression/to-function.ts";
import { checked, type Definition, deriveMethods, type PlainMethods } from "../expression/vocabulary.ts";
import { backward } from "./backward.ts";
import { gradient } from "./gradient.ts";
import { scalarInterpreter } from "./interpreter.ts";
import { generatedMethod } from "./method.ts";
import { codeOf, Kind } from "./rules.ts";
import { CAPACITY, Dependencies, Leaf, type Place, type Segment, tape } from "./segment.ts";

/** A leaf of the scalar tape: a parameter or an input. Throws TypeError if `value` is not a number; NaN is one. */
export function scalar(value: number): Scalar {
  return Scalar.leaf(value);
}

/** For the compiler: a Scalar's leaf, or an intermediate's place. */
export let whereIs: (scalar: Scalar) => Leaf | Place;

/**
 * For the compiler: makes Scalars for the results of a computation done outside the tape. `pull` takes the cotangents
 * of the results and returns those of the operands.
 */
export let outside: (
  operands: readonly (Leaf | Place)[],
  values: readonly number[],
  pull: (cotangents: Float64Array) => Float64Array,
) => Scalar[];

export interface Scalar extends PlainMethods<Scalar> {}

/**
 * A number that can be differentiated. Its methods (`x.mul(y)`, `x.tanh()`) make intermediates, whose values never
 * change; numbers among the operands are constants. `scalar(x)` makes a leaf, which can be assigned.
 *
 * Leaves live as long as you hold them. An intermediate is freed when nothing that you hold depends on it. To keep a
 * loss for later, keep its `value`, not the Scalar.
 */
export class Scalar {
  // Generated methods read these by name.
  private readonly home: Leaf | Segment;
  private readonly index: number;
  private readonly dependencies: Dependencies | null;

  private constructor(home: Leaf | Segment, index: number, dependencies: Dependencies | null) {
    this.home = home;
    this.index = index;
    this.dependencies = dependencies;
  }

  /** A leaf, as `scalar` makes it. Throws TypeError if the value is not a number. */
  static leaf(value: number): Scalar {
    const leaf = new Leaf(checkedNumber("scalar", value));
    scalarInterpreter()?.leaf(leaf);
    return new Scalar(leaf, 0, null);
  }

  /** The number. */
  get value(): number {
    scalarInterpreter()?.refuse("value");
    return this.home instanceof Leaf ? this.home.value : this.home.value[this.index]!;
  }

  /**
   * For a leaf, the sum of its derivatives over all `backward` calls since it was made or assigned. For an
   * intermediate, the derivative from the latest call that reached it (the lecture's δ). 0 before the first call.
   */
  get grad(): number {
    scalarInterpreter()?.refuse("grad");
    return this.home instanceof Leaf ? this.home.grad : this.home.grad[this.index]!;
  }

  /**
   * Gives a leaf a new value and clears its `grad`. What was computed from the leaf before keeps its value, and its
   * derivatives are those at the old value. Throws TypeError on an intermediate.
   */
  assign(value: number): void {
    scalarInterpreter()?.refuse("assign");
    if (!(this.home instanceof Leaf)) {
      throw new TypeError(
        "assign: this Scalar was computed from others, and values never change; assign to a leaf made by scalar(x)",
      );
    }
    this.home.assign(checkedNumber("assign", value));
  }

  /** Adds this value's derivatives to the `grad` of every leaf that it depends on. */
  backward(): void {
    const interpreter = scalarInterpreter();
    if (interpreter !== null) interpreter.backward(whereIs(this));
    else if (this.home instanceof Leaf) this.home.grad += 1;
    else backward([{ place: this.place, cotangent: 1 }]);
  }

  /**
   * The derivatives of this value with respect to leaves or intermediates, as Scalars that can be differentiated again;
   * 0 for those that this value does not depend on. Changes no `grad`. Throws TypeError where an input is no Scalar.
   */
  gradient(inputs: readonly Scalar[]): Scalar[] {
    const write = {
      apply: (fn: ElementwiseFunction, operands: readonly Scalar[]) => Scalar.step(fn.name, fn, operands),
      constant: (value: number) => Scalar.enter(tape.room(1), value, "gradient"),
      at: (segment: Segment, index: number, dependencies: Dependencies | null) =>
        new Scalar(segment, index, dependencies),
    };
    const root = Scalar.enter(tape.room(1), this, "gradient");
    const targets = inputs.map((input) => {
      const { home } = checkedScalar("gradient", input);
      return home instanceof Leaf ? home : input.place;
    });
    return gradient(root.place, targets, write).map((derivative) => derivative ?? write.constant(0));
  }

  /**
   * Applies a function of elements, such as an activation, to this Scalar and others, as one node. Throws TypeError for
   * another number of operands than the function has.
   */
  elementwise(fn: ElementwiseFunction, ...others: (Scalar | number)[]): Scalar {
    if (others.length + 1 !== fn.arity) {
      throw new TypeError(`${fn.name}: takes ${fn.arity} operands, got ${others.length + 1}`);
    }
    return Scalar.step(fn.name, fn, [this, ...others]);
  }

  /**
   * This, with numbers in the place of NaN, ∞ and −∞: 0 and ±`Number.MAX_VALUE` by default. Where it is replaced, the
   * derivative is 0. NumPy's `nan_to_num`. Throws TypeError for options that are not numbers.
   */
  nanToNum(options: NanToNumOptions = {}): Scalar {
    return this.elementwise(replacing, ...replacements(options, Number.MAX_VALUE));
  }

  /** `Scalar(0.512, grad −0.488)`, to six digits. */
  toString(): string {
    return `Scalar(${rounded(this.value)}, grad ${rounded(this.grad)})`;
  }

  /** Text, as in template strings. Throws TypeError in arithmetic and comparisons, which JavaScript can't record. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new TypeError(
      "a Scalar is not a JavaScript number, and operators on it would not be recorded; write x.add(y), x.less(y), or x.value for the number",
    );
  }

  private get place(): Place {
    return { segment: this.home as Segment, index: this.index, dependencies: this.dependencies };
  }

  private static step(name: string, fn: ElementwiseFunction, operands: readonly (Scalar | number)[]): Scalar {
    const segment = tape.room(operands.length + 1);
    const here = operands.map((operand) => Scalar.enter(segment, operand, name));
    const index = segment.step(
      fn,
      here.map((operand) => operand.index),
    );
    const dependencies = here.reduce<Dependencies | null>(
      (joined, operand) => Dependencies.join(joined, operand.dependencies),
      null,
    );
    return new Scalar(segment, index, dependencies);
  }

  /** Puts the results of a computation done outside the tape on the tape. */
  private static outside(
    operands: readonly (Leaf | Place)[],
    values: readonly number[],
    pull: (cotangents: Float64Array) => Float64Array,
  ): Scalar[] {
    let places = 0;
    for (const operand of operands) if (!(operand instanceof Leaf)) places++;
    const room = places + values.length + 1;
    if (room > CAPACITY) {
      throw new RangeError(
        `compile: ${values.length} results and the ${places} computed Scalars that they depend on are more than the ${CAPACITY - 1} values that fit on the tape together; return fewer results, or compute those Scalars inside the function`,
      );
    }
    const segment = tape.room(room);
    let dependencies: Dependencies | null = null;
    // Operands that are all leaves need not be copied.
    const here =
      places === 0
        ? (operands as readonly Leaf[])
        : operands.map((operand) => {
            if (operand instanceof Leaf) return operand;
            if (operand.segment === segment) {
              dependencies = Dependencies.join(dependencies, operand.dependencies);
              return operand.index;
            }
            const crossing = segment.cross(operand);
            dependencies = Dependencies.join(dependencies, crossing.dependencies);
            return crossing.index;
          });
    const cotangents = new Float64Array(values.length);
    const externalCall = segment.externalCall(
      { operands: here, cotangents, pull: () => pull(cotangents) },
      values,
    );
    dependencies = Dependencies.join(dependencies, externalCall.dependencies);
    const made: Scalar[] = [];
    for (let part = 1; part <= values.length; part++)
      made.push(new Scalar(segment, externalCall.index + part, dependencies));
    return made;
  }

  /** An operand as a Scalar of this segment: the Scalar itself, or a new node that stands for it. Starts no segment. */
  private static enter(segment: Segment, operand: unknown, name: string): Scalar {
    if (typeof operand === "number") return new Scalar(segment, segment.source(Kind.constant, operand), null);
    const scalar = checkedScalar(name, operand);
    if (scalar.home === segment) return scalar;
    if (scalar.home instanceof Leaf) return new Scalar(segment, segment.leaf(scalar.home), null);
    const { index, dependencies } = segment.cross(scalar.place);
    return new Scalar(segment, index, dependencies);
  }

  static {
    whereIs = (scalar) => (scalar.home instanceof Leaf ? scalar.home : scalar.place);
    outside = Scalar.outside;
    const scope = new Map<string, unknown>([
      ["Scalar", Scalar],
      ["Leaf", Leaf],
      ["enter", Scalar.enter],
      ["join", Dependencies.join],
      ["tape", tape],
    ]);
    deriveMethods(Scalar.prototype, (entry) => {
      const fn = functionOf(entry);
      const code = codeOf(fn);
      if (code !== undefined && canGenerateCode()) return replacedByFirstCall(entry, fn, code, scope);
      return function (this: Scalar, ...others: (Scalar | number)[]) {
        return Scalar.step(
          entry.name,
          fn,
          Array.from({ length: fn.arity }, (_, k) => (k === 0 ? this : others[k - 1]!)),
        );
      };
    });
    Object.defineProperty(Scalar.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value: Scalar.prototype.toString,
    });
  }
}

/** A method whose code is generated at its first call: no program calls all methods, and generating takes time. */
function replacedByFirstCall(
  entry: Definition,
  fn: ElementwiseFunction,
  code: number,
  scope: ReadonlyMap<string, unknown>,
) {
  let value: ReturnType<typeof generatedMethod<Scalar>> | undefined;
  return function (this: Scalar, ...others: Scalar[]): Scalar {
    // Callers that keep this first version get here again.
    if (value !== undefined) return value.apply(this, others);
    const { name } = entry;
    value = checked(entry, generatedMethod<Scalar>(fn, code, scope));
    Object.defineProperty(value, "name", { value: name });
    Object.defineProperty(Scalar.prototype, name, { value, writable: true, configurable: true });
    return value.apply(this, others);
  };
}

function checkedNumber(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  const way =
    typeof value === "string" || typeof value === "boolean"
      ? "convert it: Number(x)"
      : "a Scalar holds one number";
  throw new TypeError(`${name}: expected a number, got ${kindOf(value)}; ${way}`);
}

function checkedScalar(name: string, value: unknown): Scalar {
  if (value instanceof Scalar) return value;
  const way =
    typeof value === "string" || typeof value === "boolean"
      ? "scalar(Number(x))"
      : "scalar(x), with a number x";
  throw new TypeError(`${name}: expected a Scalar or a number, got ${kindOf(value)}; wrap it: ${way}`);
}

function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return value.constructor?.name ?? "object";
}

const rounded = (x: number) => (Number.isNaN(x) ? "NaN" : numberText(Number(x.toPrecision(6))));
