// The engine of tensors, as compile uses it: functions are recorded at the door (`apply`) and run as
// programs. Results of a call are linked to what they depend on.

import { isFloat } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { Build } from "../kernels/webassembly.ts";
import type { Program } from "../program/program.ts";
import { Recording, unknownArray } from "../program/recording.ts";
import type { Cell } from "../tape/cell.ts";
import type { Engine, Executor, RecordedCall, Recorder } from "../tape/engine.ts";
import { Trace } from "../tape/trace.ts";
import type { LateStep, Step } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Link, type Made } from "./link.ts";
import { type RecordedTensors, recordedTensors } from "./recorded-tensors.ts";
import { type Runner, runnerLater, runnerOf } from "./runner.ts";
import { Taken, tensorLeaves } from "./taken.ts";

class TensorRecorder implements Recorder {
  readonly stand: readonly Tensor[];
  readonly #unknown: readonly NDArray[];
  #recording!: Recording;
  #sweptBefore = 0;

  constructor(given: readonly Tensor[]) {
    this.#unknown = given.map(({ array }) => unknownArray(array));
    this.stand = this.#unknown.map((array) => new Tensor(array));
  }

  record<T>(run: () => T): T {
    this.#recording = new Recording(true);
    this.#sweptBefore = Trace.sweepsOfVariables;
    return this.#recording.record(run);
  }

  /**
   * A variable that the function makes is made anew in each call, unless the function keeps it. Only a second
   * run shows which variables are kept.
   */
  get mustRepeat(): boolean {
    return this.#recording.hasMadeVariables;
  }

  get isTouched(): boolean {
    return this.#recording.steps.length + this.#recording.variables.size > 0;
  }

  executor(call: RecordedCall): Executor {
    const sweeps = Trace.sweepsOfVariables > this.#sweptBefore;
    const recorded = recordedTensors(this.#recording, this.#unknown, call, sweeps);
    return new TensorExecutor(recorded, call);
  }
}

class TensorExecutor implements Executor<Made | null> {
  readonly #taken: Taken;
  readonly take: Executor["take"];
  readonly #sweeps: boolean;
  readonly #program: Program;
  readonly #build: Build;
  /** For each result: the tensor, if it is the same in all calls; null if it is computed. */
  readonly #constants: readonly (Tensor | null)[];
  /** For each result its place among the computed results; -1 for a constant. */
  readonly #computed: readonly number[];
  /** For each computed result whether its elements are floats. */
  readonly #isFloat: readonly boolean[];
  /** The variables whose gradients the function may read or change, and whether they had one when it was recorded. */
  readonly #touched: readonly { readonly variable: Cell; readonly hasGrad: boolean }[];
  readonly #link: Link;
  readonly #isIdle: boolean;
  runner!: Runner;

  constructor(recorded: RecordedTensors, call: RecordedCall) {
    this.#sweeps = recorded.sweeps;
    this.#taken = new Taken(recorded.unknown);
    this.take = this.#taken.take;
    this.#program = recorded.program;
    this.#build = call.build;
    this.#constants = recorded.constants;
    let next = 0;
    this.#computed = recorded.constants.map((constant) => (constant === null ? next++ : -1));
    this.#isFloat = recorded.program.results.map(({ dtype }) => isFloat(dtype));
    this.#touched = recorded.touched.map(({ grad, variable }) => ({ variable, hasGrad: grad !== null }));
    this.#link = new Link(recorded, call);
    this.#isIdle = this.#link.isIdle || !this.#isFloat.includes(true);
  }

  make(): void {
    this.runner = runnerOf(this.#program, this.#build);
  }

  async prepare(): Promise<void> {
    this.runner = await runnerLater(this.#program, this.#build);
  }

  begin(): boolean {
    this.#taken.isWatched = false;
    const touched = this.#touched;
    for (let i = 0; i < touched.length; i++)
      if (touched[i]!.variable.hasGrad !== touched[i]!.hasGrad) return false;
    return true;
  }

  /** Whether the function sweeps back to the values from which its arguments were made. */
  get needsTape(): boolean {
    return this.#sweeps && this.#taken.isWatched && this.#link.tracesOf(this.#taken) !== null;
  }

  load(): void {
    this.runner.load(this.#taken.arrays);
  }

  run(): void {
    this.runner.run();
  }

  /** Runs the call, and returns what made its results; null if nothing on which they depend is watched. */
  execute(): Made | null {
    this.load();
    const taken = this.#taken;
    const traces = this.#isIdle && !taken.isWatched ? null : this.#link.tracesOf(taken);
    this.runner.run();
    const made = traces === null ? null : this.#link.made(taken, traces);
    if (taken.isWatched) taken.release();
    return made;
  }

  result(place: number, made: Made | null): Tensor {
    const constant = this.#constants[place]!;
    if (constant !== null) return constant;
    const computed = this.#computed[place]!;
    // Integers and booleans have no derivatives.
    if (made === null || !this.#isFloat[computed]!) return this.runner.result(computed, null, null);
    const result = this.runner.result(computed, made as LateStep | Step, made.traces);
    if (made.outputs !== null) made.outputs.push(result);
    return result;
  }

  toString(): string {
    return this.runner.toString();
  }
}

export const tensors: Engine<Tensor> = {
  ...tensorLeaves,
  values: "Tensors",
  recorder: (given) => new TensorRecorder(given),
};
