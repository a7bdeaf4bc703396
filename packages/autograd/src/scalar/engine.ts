// The engine of scalars, as `compile` uses it: functions are recorded on the scalar tape itself, and a call returns
// Scalars that can be differentiated. The rest of the package uses only this file and the class Scalar.

import type { Build } from "../kernels/webassembly.ts";
import type { Engine, Executor, RecordedCall, Recorder } from "../tape/engine.ts";
import { backward } from "./backward.ts";
import { ScalarProgram } from "./compile/program.ts";
import { ScalarRecording, type ScalarTape } from "./compile/record.ts";
import { outside, Scalar, scalar, whereIs } from "./scalar.ts";
import { Leaf, type Place } from "./segment.ts";

class ScalarRecorder implements Recorder {
  readonly stand: readonly Scalar[];
  /** Steps are recorded as in eager code, so a second run would show nothing new. */
  readonly mustRepeat = false;
  #recording!: ScalarRecording;

  constructor(count: number) {
    this.stand = Array.from({ length: count }, () => scalar(NaN));
  }

  record<T>(run: () => T): T {
    this.#recording = new ScalarRecording();
    return this.#recording.record(run);
  }

  get isTouched(): boolean {
    return this.#recording.isTouched;
  }

  executor({ results, build }: RecordedCall): Executor {
    const leaves = this.stand.map((each) => whereIs(each) as Leaf);
    const tape = this.#recording.tapeOf(leaves, (results as readonly Scalar[]).map(whereIs));
    return new ScalarExecutor(tape, leaves.length, build);
  }
}

class ScalarExecutor implements Executor<readonly Scalar[]> {
  /** Scalars have a tape of their own, so a call that somebody differentiates runs as a program too. */
  readonly needsTape = false;
  readonly #tape: ScalarTape;
  readonly #program: ScalarProgram;
  /** The arguments of the last call, and their number. */
  readonly #args: Scalar[] = [];
  readonly #count: number;

  constructor(tape: ScalarTape, count: number, build: Build) {
    this.#tape = tape;
    this.#program = new ScalarProgram(tape, build);
    this.#count = count;
  }

  /** Makes the code of the forward pass. That of the backward pass is made before its first run. */
  make(): void {
    this.#program.make("forth");
  }

  /** Makes the code of both passes. */
  prepare(): Promise<void> {
    return this.#program.prepare();
  }

  begin(): boolean {
    return true;
  }

  readonly take = (value: unknown, place: number): boolean => {
    if (!(value instanceof Scalar)) return false;
    this.#args[place] = value;
    return true;
  };

  /** Does nothing: operands are read where they are. */
  load(): void {}

  run(): void {
    this.#run();
  }

  execute(): readonly Scalar[] {
    const { results } = this.#tape;
    const { operands, values } = this.#run();
    if (results.length === 0) return none;
    const numbers: number[] = [];
    for (const node of results) numbers.push(this.#program.valueOf(node));
    return outside(operands, numbers, (cotangents) =>
      this.#program.pull(values, (adjoint) => {
        for (let k = 0; k < results.length; k++) adjoint[results[k]!]! += cotangents[k]!;
      }),
    );
  }

  result(place: number, made: readonly Scalar[]): Scalar {
    return made[place]!;
  }

  /** The program's operands: first the arguments, then the values that the function takes from outside. */
  #operands(): readonly (Leaf | Place)[] {
    const { taken } = this.#tape;
    const [args, count] = [this.#args, this.#count];
    if (count === 0) return taken;
    const operands: (Leaf | Place)[] = [];
    for (let k = 0; k < taken.length; k++) operands.push(k < count ? whereIs(args[k]!) : taken[k]!);
    return operands;
  }

  #run(): { readonly operands: readonly (Leaf | Place)[]; readonly values: Float64Array } {
    const { seeds } = this.#tape;
    const operands = this.#operands();
    const values = new Float64Array(operands.length);
    for (let k = 0; k < values.length; k++) {
      const operand = operands[k]!;
      values[k] = operand instanceof Leaf ? operand.value : operand.segment.value[operand.index]!;
    }
    this.#program.run(values);
    if (seeds.length > 0) {
      const cotangents = this.#program.pull(values, (adjoint) => {
        for (const seed of seeds) adjoint[seed]! += 1;
      });
      addGrads(operands, cotangents);
    }
    return { operands, values };
  }

  toString(): string {
    return this.#program.toString();
  }
}

const none: readonly never[] = [];

/** Continues `backward` from a program's operands, given their cotangents. */
function addGrads(operands: readonly (Leaf | Place)[], cotangents: Float64Array): void {
  const roots: { place: Place; cotangent: number }[] = [];
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k]!;
    if (operand instanceof Leaf) operand.grad += cotangents[k]!;
    else roots.push({ place: operand, cotangent: cotangents[k]! });
  }
  if (roots.length > 0) backward(roots);
}

export const scalars: Engine<Scalar> = {
  values: "Scalars",
  isLeaf: (value): value is Scalar => value instanceof Scalar,
  isFixed: () => false,
  recorder: (given) => new ScalarRecorder(given.length),
};
