// One signature of a compiled function of scalars: takes calls in, and gives Scalars that know the way back.

import { type Form, fill, fits } from "../../array/tree.ts";
import { type Build, bestBuild } from "../../kernels/webassembly.ts";
import { backward } from "../backward.ts";
import { outside, Scalar, scalar, whereIs } from "../scalar.ts";
import { Leaf, type Place } from "../segment.ts";
import { ScalarProgram } from "./program.ts";
import { ScalarRecording, type ScalarTape } from "./record.ts";

/** A call in which Scalars have been exchanged for others. */
export class ScalarCall {
  readonly recording: ScalarRecording = new ScalarRecording();
  /** What the function is to be called with while it is recorded. */
  readonly stand: readonly Scalar[];

  constructor(count: number) {
    this.stand = Array.from({ length: count }, () => scalar(NaN));
  }

  /** Whether the function, once it has run and given results, has to do with scalars. */
  isOf(results: number): boolean {
    return this.stand.length + results > 0 || this.recording.isTouched;
  }

  /** The signature, once the function has run. */
  signature(form: Form, output: Form, results: readonly Scalar[], build: Build | undefined): ScalarSignature {
    const leaves = this.stand.map((each) => whereIs(each) as Leaf);
    const tape = this.recording.tapeOf(leaves, results.map(whereIs));
    return new ScalarSignature(form, output, tape, this.stand.length, build ?? bestBuild());
  }
}

export class ScalarSignature {
  /** What `this` is in its calls. */
  self: unknown;
  /** What Scalars were made from lies on a tape of their own. */
  readonly needsTape = false;
  readonly #form: Form;
  readonly #output: Form;
  readonly #tape: ScalarTape;
  readonly #program: ScalarProgram;
  /** The Scalars of the last call, and how many there are. */
  readonly #args: Scalar[] = [];
  readonly #take = (value: unknown, place: number): boolean => {
    if (!(value instanceof Scalar)) return false;
    this.#args[place] = value;
    return true;
  };
  readonly #count: number;

  constructor(form: Form, output: Form, tape: ScalarTape, count: number, build: Build) {
    this.#form = form;
    this.#output = output;
    this.#tape = tape;
    this.#program = new ScalarProgram(tape, build);
    this.#count = count;
  }

  /** Makes the code of the way forth; the way back is made when it is first gone. */
  make(): void {
    this.#program.make("forth");
  }

  /** Makes the code of both while other things go on. */
  prepare(): Promise<void> {
    return this.#program.prepare();
  }

  /** Whether a call with these arguments is one of this signature; if it is, they are taken in. */
  takes(args: readonly unknown[]): boolean {
    return fits(this.#form, args, this.#take);
  }

  /** Operands are read where they are. */
  load(): void {}

  call(): unknown {
    const { results } = this.#tape;
    const { operands, values } = this.#run();
    if (results.length === 0) return fill(this.#output, []);
    const made = outside(
      operands,
      results.map((node) => this.#program.valueOf(node)),
      (cotangents) =>
        this.#program.pull(values, (adjoint) => {
          for (let k = 0; k < results.length; k++) adjoint[results[k]!]! += cotangents[k]!;
        }),
    );
    return fill(this.#output, made);
  }

  run(): void {
    this.#run();
  }

  #run(): { readonly operands: readonly (Leaf | Place)[]; readonly values: Float64Array } {
    const { taken, seeds } = this.#tape;
    const operands = this.#count === 0 ? taken : [...this.#args.map(whereIs), ...taken.slice(this.#count)];
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

/** What `backward` does, from operands on. */
function addGrads(operands: readonly (Leaf | Place)[], cotangents: Float64Array): void {
  const roots: { place: Place; cotangent: number }[] = [];
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k]!;
    if (operand instanceof Leaf) operand.grad += cotangents[k]!;
    else roots.push({ place: operand, cotangent: cotangents[k]! });
  }
  if (roots.length > 0) backward(roots);
}
