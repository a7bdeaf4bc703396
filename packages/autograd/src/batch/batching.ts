// Batching: a function runs once for many. While it runs, each of its values stands for the parts of a larger one, the
// whole, which has one more axis in front. An operation on parts is carried out on the wholes, by the rule of its
// primitive, beneath this interpreter: so wholes are evaluated, recorded, watched, or parts of still larger ones.

import type { NDArray } from "../array/ndarray.ts";
import { spread } from "../primitives/moving.ts";
import type { Cell } from "../tape/cell.ts";
import { remember } from "../tape/evaluate.ts";
import { type Below, interpret, Multiplying, onStack, stateIn } from "../tape/interpreter.ts";
import { listOf } from "../tape/outputs.ts";
import { openTraces } from "../tape/trace.ts";
import { Unknown } from "../tape/unknown.ts";
import {
  algebraOf,
  type Holder,
  type Holding,
  heldBy,
  nextSerial,
  type Outputs,
  type Primitive,
  type Value,
} from "../tape/value.ts";
import { forMany } from "./for-many.ts";

export class Batching extends Multiplying {
  /** How many parts there are. */
  readonly size: number;
  /** By arrays, since transforms give one array to several values. */
  readonly #wholes = new WeakMap<NDArray, Value>();
  readonly #begun = nextSerial();

  constructor(size: number) {
    super();
    this.size = size;
  }

  /** A value that stands for the parts of a whole along its first axis. */
  partOf(whole: Value): Value {
    const { shape, dtype } = whole;
    const array = this.#standFor({ shape: shape.slice(1), dtype }, whole);
    return algebraOf(whole).make(array, null, openTraces(whole.traces));
  }

  /** The parts of those values that are wholes; the others, which all parts share, are what they are. */
  partsOf(values: readonly Value[], isBatched: readonly boolean[]): readonly Value[] {
    return values.map((value, i) => (isBatched[i] ? this.partOf(value) : value));
  }

  /** The whole that a value stands for; of a value that is the same in all parts, so many beside each other. */
  wholeOf(value: Value): Value {
    const own = heldBy(value);
    return this.#wholes.get(own.array) ?? spread(own, [this.size, ...own.shape]);
  }

  /** Whether a value is the same in all parts. */
  isShared(value: Value): boolean {
    return !this.#wholes.has(heldBy(value).array);
  }

  #standFor(
    part: { readonly shape: NDArray["shape"]; readonly dtype: NDArray["dtype"] },
    whole: Value,
  ): NDArray {
    const array = Unknown.array(
      part,
      `(stands for ${this.size} parts)`,
      (what) =>
        new TypeError(
          `vmap: the numbers of ${what} are asked for inside the function, which runs once for ${this.size} parts that have different numbers; choose with where(condition, a, b) instead of if, and keep item(), data and printing outside`,
        ),
    );
    this.#wholes.set(array, whole);
    return array;
  }

  apply(primitive: Primitive, inputs: readonly Value[], attributes: unknown, below: Below): Outputs<Value> {
    const isBatched = inputs.map(({ array }) => this.#wholes.has(array));
    if (!isBatched.includes(true)) return interpret(below, primitive, inputs, attributes);
    // Whatever does not fit is said of the parts.
    const described = primitive.describe(inputs, attributes);
    const wholes = onStack(below, () =>
      forMany(
        primitive,
        inputs.map((input) => this.#wholes.get(input.array) ?? input),
        attributes,
        isBatched,
        this.size,
      ),
    );
    const arrays = listOf(described).map((part, i) => this.#standFor(part, wholes[i]!));
    return remember(primitive, inputs, attributes, Array.isArray(described) ? arrays : arrays[0]!);
  }

  stateOf(holder: Holder, below: Below): Holding {
    const state = stateIn(below, holder);
    // A variable that the function makes may hold parts.
    return (holder as Cell).madeAt > this.#begun ? state : new SharedState(state, holder);
  }
}

/** What a variable holds around the function. All parts share it, so none may change it. */
class SharedState implements Holding {
  readonly #state: Holding;
  readonly #holder: Holder;

  constructor(state: Holding, holder: Holder) {
    this.#state = state;
    this.#holder = holder;
  }

  get value(): Value {
    return this.#state.value;
  }

  set value(_value: Value) {
    throw this.#refusal("assigns", "return the new value, and assign it outside");
  }

  get grad(): Value | null {
    return this.#state.grad;
  }

  set grad(_grad: Value | null) {
    throw this.#refusal(
      "changes the gradient of",
      "ask for derivatives by grad or gradients inside, or by backward() outside",
    );
  }

  #refusal(does: string, way: string): TypeError {
    const { name } = this.#holder;
    return new TypeError(
      `vmap: the function ${does} ${name === "" ? "a variable" : `variable "${name}"`}, which is one for all parts; ${way}`,
    );
  }
}
