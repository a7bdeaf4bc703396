// The same program at several sizes of the batch, side by side. With one size there is nothing to compare, and all sizes
// are numbers.

import type { PrimitiveName, Program, ProgramStep, ProgramValue } from "@adjoint/autograd";
import { type Size, sizeAt } from "./sizes.ts";

/** A program, or one that a step holds. */
export type Body = Pick<Program, "values" | "steps" | "inputs" | "outputs" | "outcomes">;

/** A size or a number of which it can't be said how it follows from the batch. */
export class BatchError extends TypeError {
  override readonly name: string = "BatchError";
}

const WAY_OUT =
  "export it with a fixed batch: toOnnx(record(f, ...examples)), or make the function treat every sample alike";

const refuse = (what: string): never => {
  throw new BatchError(`toOnnx: ${what}; ${WAY_OUT}`);
};

/** The settings of primitives that may follow from the batch; all others must be the same at every size. */
const VARYING: Partial<Record<PrimitiveName, readonly string[]>> = {
  map: ["fn"],
  guarded: ["check"],
  broadcastTo: ["shape"],
  reshape: ["shape"],
  sumTo: ["shape"],
  mean: ["shape", "divisor"],
  slice: ["starts", "sizes"],
  pad: ["before", "after"],
  addAlong: ["shape"],
  overlapAdd: ["shape"],
  randomBits: ["count"],
  splitKey: ["count"],
  randomUniform: ["count"],
  randomNormal: ["count"],
  region: ["program"],
  cond: ["onTrue", "onFalse"],
  whileLoop: ["condition", "body"],
  scan: ["body", "length"],
};

/** What must be the same at every size of the batch, as text. */
function settled({ primitive, attributes }: ProgramStep): string {
  const varying = VARYING[primitive.name as PrimitiveName] ?? [];
  return JSON.stringify(
    Object.entries(attributes ?? {}).filter(([name]) => name !== "name" && !varying.includes(name)),
  );
}

export class Twins {
  readonly body: Body;
  readonly batches: readonly number[];
  readonly #steps = new Map<ProgramStep, readonly ProgramStep[]>();
  readonly #values = new Map<ProgramValue, readonly ProgramValue[]>();

  /** The bodies are of one function, at these sizes of the batch. Throws BatchError where they differ in more than sizes. */
  constructor(bodies: readonly Body[], batches: readonly number[]) {
    const [body, ...others] = bodies as [Body, ...Body[]];
    this.body = body;
    this.batches = batches;
    for (const [i, other] of others.entries()) {
      const sizes = `a batch of ${batches[i + 1]} and one of ${batches[0]}`;
      if (other.steps.length !== body.steps.length || other.values.length !== body.values.length)
        refuse(
          `the function does ${body.steps.length} steps for a batch of ${batches[0]} and ${other.steps.length} for one of ${batches[i + 1]}`,
        );
      const place = new Map(other.values.map((value, k) => [value, k]));
      const own = new Map(body.values.map((value, k) => [value, k]));
      const placesOf = (values: readonly ProgramValue[], among: ReadonlyMap<ProgramValue, number>) =>
        values.map((value) => among.get(value)).join();
      body.steps.forEach((step, k) => {
        const twin = other.steps[k]!;
        if (
          twin.primitive !== step.primitive ||
          placesOf(twin.inputs, place) !== placesOf(step.inputs, own) ||
          placesOf(twin.outputs, place) !== placesOf(step.outputs, own)
        )
          refuse(`step ${k}, ${step.primitive.name}, is another one for ${sizes}`);
        if (settled(step) !== settled(twin))
          refuse(`the settings of step ${k}, ${step.primitive.name}, are others for ${sizes}`);
      });
      if (placesOf(other.outputs, place) !== placesOf(body.outputs, own))
        refuse(`the results are others for ${sizes}`);
    }
    const all = <T>(of: (body: Body) => readonly T[], k: number) => bodies.map((each) => of(each)[k]!);
    body.steps.forEach((step, k) => {
      this.#steps.set(
        step,
        all(({ steps }) => steps, k),
      );
    });
    body.values.forEach((value, k) => {
      this.#values.set(
        value,
        all(({ values }) => values, k),
      );
    });
  }

  /** What is read off a step at each size of the batch. */
  each<S extends ProgramStep, T>(step: S, read: (step: S) => T): readonly T[] {
    return (this.#steps.get(step) as readonly S[] | undefined)!.map(read);
  }

  /** What is read off a value at each size of the batch. */
  eachOf<T>(value: ProgramValue, read: (value: ProgramValue) => T): readonly T[] {
    return this.#values.get(value)!.map(read);
  }

  /** Sizes that are read off a step. */
  sizes<S extends ProgramStep>(step: S, read: (step: S) => readonly number[]): readonly Size[] {
    return this.#merged(this.each(step, read), step.primitive.name);
  }

  /** The shape of a value. */
  shape(value: ProgramValue): readonly Size[] {
    return this.#merged(
      this.eachOf(value, ({ shape }) => shape),
      "a value",
    );
  }

  /** The program that a step holds. */
  inner<S extends ProgramStep>(step: S, read: (step: S) => Body): Twins {
    return new Twins(this.each(step, read), this.batches);
  }

  #merged(lists: readonly (readonly number[])[], what: string): readonly Size[] {
    const [first] = lists;
    return first!.map((_, axis) => {
      const numbers = lists.map((list) => list[axis]!);
      const size = sizeAt(numbers, this.batches);
      return (
        size ??
        refuse(
          `${what} has a size of ${numbers.join(", ")} for batches of ${this.batches.join(", ")}, which is no multiple of the batch and a number`,
        )
      );
    });
  }
}
