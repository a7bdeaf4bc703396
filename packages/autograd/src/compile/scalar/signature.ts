// One signature of a compiled function of scalars: takes calls in, and gives Scalars that know the way back.

import { CompileError } from "../../array/errors.ts";
import { type Build, bestBuild } from "../../kernels/webassembly.ts";
import { backward } from "../../scalar/backward.ts";
import { outside, type Scalar, scalar, whereIs } from "../../scalar/scalar.ts";
import { Leaf, type Place } from "../../scalar/segment.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { ScalarProgram } from "./program.ts";
import { ScalarRecording, type ScalarTape } from "./record.ts";
import { fillScalars, fitsScalars, type ScalarForm, scalarFormOf } from "./tree.ts";

/** A call on trees in which Scalars have been exchanged for others. */
export class ScalarCall {
  readonly recording: ScalarRecording = new ScalarRecording();
  readonly #form: ScalarForm;
  readonly #args: Scalar[] = [];
  readonly #stand: readonly Scalar[];
  /** What the function is to be called with while it is recorded. */
  readonly args: readonly unknown[];

  constructor(args: readonly unknown[]) {
    this.#form = scalarFormOf(args, this.#args);
    this.#stand = this.#args.map(() => scalar(NaN));
    this.args = this.#args.length === 0 ? args : (fillScalars(this.#form, this.#stand) as unknown[]);
  }

  /**
   * The signature, once the function has run and given something; null where it has nothing to do with scalars.
   * `isMixed`: tensors took part too.
   */
  signature(returned: unknown, isMixed: boolean, build: Build | undefined): ScalarSignature | null {
    const results: Scalar[] = [];
    const output = scalarFormOf(returned, results);
    if (this.#args.length + results.length === 0 && !this.recording.isTouched) return null;
    if (isMixed || hasTensor(this.#form) || hasTensor(output)) {
      throw new CompileError(
        "compile: the function computes with Scalars and with Tensors, and one program holds either; compile the two parts by themselves, or make the Scalars tensors: tensor(x), variable(tensor(x))",
      );
    }
    const leaves = this.#stand.map((each) => whereIs(each) as Leaf);
    const tape = this.recording.tapeOf(leaves, results.map(whereIs));
    return new ScalarSignature(this.#form, output, tape, this.#args.length, build ?? bestBuild());
  }
}

const hasTensor = (form: ScalarForm): boolean => {
  if (form.kind === "fixed") return form.value instanceof Tensor;
  return form.kind === "tree" && form.items.some(hasTensor);
};

export class ScalarSignature {
  readonly #form: ScalarForm;
  readonly #output: ScalarForm;
  readonly #tape: ScalarTape;
  readonly #program: ScalarProgram;
  /** The Scalars of the last call, and how many there are. */
  readonly #args: Scalar[] = [];
  readonly #count: number;

  constructor(form: ScalarForm, output: ScalarForm, tape: ScalarTape, count: number, build: Build) {
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
    return fitsScalars(this.#form, args, this.#args);
  }

  /** Operands are read where they are. */
  load(): void {}

  call(): unknown {
    const { results } = this.#tape;
    const { operands, values } = this.#run();
    if (results.length === 0) return fillScalars(this.#output, []);
    const made = outside(
      operands,
      results.map((node) => this.#program.valueOf(node)),
      (cotangents) =>
        this.#program.pull(values, (adjoint) => {
          for (let k = 0; k < results.length; k++) adjoint[results[k]!]! += cotangents[k]!;
        }),
    );
    return fillScalars(this.#output, made);
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
