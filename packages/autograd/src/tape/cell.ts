// What a variable is, behind the class `Variable`: a place that holds a value and a gradient, which can be replaced.

import type { DType } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { Shape } from "../array/shape-types.ts";
import { stateNow } from "./interpreter.ts";
import { watchedLeaf } from "./leaf.ts";
import { hasOpen, variableTrace, variableTraces } from "./trace.ts";
import { algebraOf, type Holder, type Holding, heldBy, holderOf, nextSerial, type Value } from "./value.ts";

/** A second place for a variable's value: the memory of compiled programs. */
export interface Mirror {
  /** Whether the value there is newer than the one that the variable holds. */
  isNewer: boolean;
  /** Whether the value there is older than the one that the variable holds. */
  isOlder: boolean;
  /** A copy of the value there. */
  read(): NDArray;
}

/** The place that a variable is. Its shape and type never change. */
export class Cell implements Holder {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Where compiled programs keep its value; null while none has used it. */
  mirror: Mirror | null = null;
  /** When it was made, in the order of making. */
  readonly madeAt: number = nextSerial();
  /** When its value last changed. */
  changedAt: number = this.madeAt;
  /** The variable, as users have it. */
  readonly face: Value;
  readonly #state: Holding;

  constructor(value: Value, name: string, face: Value) {
    this.face = face;
    this.name = name;
    this.shape = value.shape;
    this.dtype = value.dtype;
    this.#state = { value: watchedLeaf(value, variableTrace, this), grad: null };
  }

  /** Its value and gradient where no interpreter says otherwise. */
  get own(): Holding {
    const state = this.#state;
    const { value } = state;
    if (this.mirror?.isNewer === true) {
      this.mirror.isNewer = false;
      // As old as the run that wrote it there, so that it comes before whatever was made from it.
      state.value = algebraOf(value).make(this.mirror.read(), null, value.traces, this, this.changedAt);
    } else if (value.step !== null && !hasOpen(value.traces, variableTrace)) {
      // The transform in which it was assigned has ended, so its tape may be freed.
      state.value = algebraOf(value).make(value.array, null, variableTraces, this, value.serial);
    }
    return state;
  }

  /** The value it holds now. */
  get value(): Value {
    return stateNow(this).value;
  }

  /** What `backward` has added up since the last assignment; null before. */
  get grad(): Value | null {
    return stateNow(this).grad;
  }

  /** Whether there is a gradient, where no interpreter says otherwise. */
  get hasGrad(): boolean {
    return this.#state.grad !== null;
  }

  /** Holds another value from now on, and no gradient. Transforms that watch the value go on watching it. */
  assign(value: Value): void {
    const now = stateNow(this);
    now.value = watchedLeaf(heldBy(value), variableTrace, this);
    now.grad = null;
    if (now === this.#state) this.#changed();
  }

  /** Takes over from a copy: the same leaf, and its gradient. */
  take({ value, grad }: Holding): void {
    const now = stateNow(this);
    const isSame = now.value === value;
    now.value = value;
    now.grad = grad;
    if (now === this.#state && !isSame) this.#changed();
  }

  #changed(): void {
    this.changedAt = nextSerial();
    if (this.mirror !== null) {
      this.mirror.isOlder = true;
      this.mirror.isNewer = false;
    }
  }

  addGrad(gradient: Value): void {
    const now = stateNow(this);
    now.grad = now.grad === null ? gradient : algebraOf(gradient).plus(now.grad, gradient);
  }

  setGrad(gradient: Value | null): void {
    stateNow(this).grad = gradient;
  }
}

/** The place that a variable is. */
export const cellOf = (variable: Value): Cell => holderOf(variable) as Cell;
