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
  readonly isNewer: boolean;
  /** When the value there was written, in the order of making. */
  readonly writtenAt: number;
  /** A copy of the newer value there, for the variable to hold. */
  take(): NDArray;
  /** Notes that the variable holds a newer value. */
  outdate(): void;
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
  /** The variable, as users have it. */
  readonly face: Value;
  readonly #state: Holding;
  /** When the value that it holds was assigned, or written to its mirror. */
  #heldSince: number = this.madeAt;

  constructor(value: Value, name: string, face: Value) {
    this.face = face;
    this.name = name;
    this.shape = value.shape;
    this.dtype = value.dtype;
    this.#state = { value: watchedLeaf(value, variableTrace, this), grad: null };
  }

  /** When its value last changed. */
  get changedAt(): number {
    return this.mirror?.isNewer === true ? this.mirror.writtenAt : this.#heldSince;
  }

  /** Its value and gradient where no interpreter says otherwise. */
  get own(): Holding {
    const state = this.#state;
    const { value } = state;
    if (this.mirror?.isNewer === true) {
      // As old as the run that wrote it there, so that it comes before whatever was made from it.
      this.#heldSince = this.mirror.writtenAt;
      state.value = algebraOf(value).make(this.mirror.take(), null, value.traces, this, this.#heldSince);
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
    this.#heldSince = nextSerial();
    this.mirror?.outdate();
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
