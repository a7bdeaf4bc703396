// The derivatives of a program's results outside of it: with respect to the variables that it reads, to watched values
// that it has taken from around it, and to watched arguments. A result is linked to those by one step, whose rule runs
// the function again, backwards, as a program of its own.

import { isFloat } from "../array/dtype.ts";
import { CompileError } from "../array/errors.ts";
import { fill } from "../array/tree.ts";
import type { ProgramValue } from "../program/parts.ts";
import { discarded } from "../tape/bind.ts";
import type { Cell } from "../tape/cell.ts";
import { watchedLeaf } from "../tape/leaf.ts";
import { sweepTo } from "../tape/reverse.ts";
import { openTraces, Trace, type TraceSet, union, variableTrace, variableTraces } from "../tape/trace.ts";
import { heldBy, nextSerial, type Primitive, type Step, type Value } from "../tape/value.ts";
import { zerosOf } from "../tape/zeros.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Call, RecordedCall } from "./recorded-call.ts";
import { argumentsOf, resultOf } from "./signature.ts";

/** A function's derivatives, going backwards: cotangents of its results to those of variables, captured values, and arguments. */
export type Back = (
  cotangents: readonly Tensor[],
  variables: readonly Tensor[],
  args: readonly unknown[],
) => readonly Tensor[];

/** What it does, to be compiled in turn. */
export function backOf(f: Call, captured: readonly Value[]): Back {
  return (cotangents, variables, args) => {
    const trace = new Trace();
    const given = argumentsOf(args);
    const leaves = (given.leaves as readonly Tensor[]).map((leaf) =>
      isFloat(leaf.dtype) ? watchedLeaf(leaf, trace) : leaf,
    );
    // A sweep without createGraph hides the variables; this is a part of what it sweeps.
    return variableTrace.within(() =>
      discarded(() => {
        const wanted = [...variables.map(heldBy), ...captured, ...leaves];
        const returned = trace.during(() => f(fill(given.form, leaves) as readonly unknown[]));
        const outputs = floatsOf(resultOf(returned).leaves as readonly Tensor[]);
        const reached = sweepTo(new Set(wanted), outputs, cotangents);
        return wanted.map((each) => (reached.get(each) ?? zerosOf(each, each)) as Tensor);
      }),
    );
  };
}

const floatsOf = (tensors: readonly Tensor[]): Value[] =>
  tensors.filter(({ dtype }) => isFloat(dtype)).map(heldBy);

/** What a program's results depend on that somebody may watch. */
export class Link {
  /** The variables of any type that results depend on. */
  readonly #variables: readonly Cell[];
  readonly #captured: readonly Value[];
  /** Why derivatives of results can't be had afterwards; null where they can. */
  readonly #lost: string | null;
  readonly #makeBack: (captured: readonly Value[]) => Back;
  #back: Back | null = null;
  #lostStep: LostStep | null = null;

  constructor({ program, captured, assigned }: RecordedCall, makeBack: (captured: readonly Value[]) => Back) {
    const all = ancestorsOf(program.results);
    const outside = [...all].filter(({ origin }) => origin.kind !== "step");
    this.#variables = outside.flatMap(({ origin }) =>
      origin.kind === "variable" ? [origin.lifted.variable] : [],
    );
    this.#captured = outside.flatMap(({ origin, dtype }) => {
      const value = origin.kind === "constant" ? captured.get(origin.array) : undefined;
      return value !== undefined && isFloat(dtype) ? [value] : [];
    });
    // What such a variable holds on the way would be a leaf for eager code, and is none of a call; and f, run again,
    // would find another number there.
    const assignedOne = assigned.find(({ values }) => values.some((value) => all.has(value)))?.variable;
    const asked = outside.find(({ origin }) => origin.kind === "gradient")?.origin as
      | { readonly lifted: { readonly variable: Cell } }
      | undefined;
    this.#lost =
      assignedOne !== undefined
        ? `assigns ${named(assignedOne)}, and its result depends on what that held before or after`
        : asked !== undefined
          ? `reads the gradient of ${named(asked.lifted.variable)}, and its result depends on that`
          : null;
    this.#makeBack = makeBack;
  }

  /** Whether results depend on nothing but the arguments. */
  get isIdle(): boolean {
    return this.#variables.length === 0 && this.#captured.length === 0 && this.#lost === null;
  }

  /** The transforms that watch what results of a call depend on. */
  tracesOf(tensors: readonly (Tensor | null)[]): TraceSet | null {
    const reads = this.#variables.length > 0 || this.#lost !== null;
    let traces = reads && variableTrace.isRecording ? variableTraces : null;
    for (const { traces: own } of this.#captured) traces = union(own, traces);
    for (const tensor of tensors) if (tensor?.traces != null) traces = union(tensor.traces, traces);
    return openTraces(traces);
  }

  /** The step that made a call's results, from what they depend on. */
  stepOf(args: readonly unknown[]): CallStep | LostStep {
    if (this.#lost !== null) return (this.#lostStep ??= new LostStep(this.#lost));
    this.#back ??= this.#makeBack(this.#captured);
    return new CallStep({ back: this.#back, variables: this.#variables, captured: this.#captured, args });
  }
}

/** The values that some are made from, themselves among them. */
function ancestorsOf(results: readonly ProgramValue[]): Set<ProgramValue> {
  const found = new Set<ProgramValue>();
  const pending = [...results];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (found.has(value)) continue;
    found.add(value);
    if (value.origin.kind === "step") pending.push(...value.origin.step.inputs);
  }
  return found;
}

/** The step that made a call's results. What it was made from is looked up when somebody asks. */
class CallStep implements Step<Called> {
  readonly primitive: Primitive<Called> = called;
  /** The results of floats, as they are made; null for a single one. */
  outputs: Value[] | null = null;
  readonly attributes: Called;
  readonly #calledAt = nextSerial();

  constructor(attributes: Called) {
    this.attributes = attributes;
  }

  get inputs(): readonly Value[] {
    const { variables, captured, args } = this.attributes;
    for (const variable of variables) {
      if (variable.changedAt <= this.#calledAt) continue;
      throw new CompileError(
        `compile: ${named(variable)} was assigned after the compiled function was called, and the derivative of what that gave is that at its value before; ask for derivatives before assigning, or inside the compiled function`,
      );
    }
    const tensors = argumentsOf(args).leaves as readonly Tensor[];
    return [...variables.map(({ value }) => value), ...captured, ...tensors.map(heldBy)];
  }
}

interface Called {
  readonly back: Back;
  readonly variables: readonly Cell[];
  readonly captured: readonly Value[];
  readonly args: readonly unknown[];
}

// A call is not applied to operands; it is what they were used in.
const unasked = (): never => {
  throw new Error("compiled: a call of a compiled function is not applied again");
};

const called: Primitive<Called> = {
  name: "compiled",
  describe: unasked,
  evaluate: unasked,
  pullback({ outputs, attributes: { back, variables, args } }, _cotangent, _wanted, cotangents) {
    const given = cotangents.flatMap((cotangent, i) => {
      const output = outputs[i]!;
      return isFloat(output.dtype) ? [(cotangent ?? zerosOf(output, output)) as Tensor] : [];
    });
    return back(
      given,
      variables.map(({ face }) => face as Tensor),
      args,
    );
  },
};

/** The step of a call whose derivative is lost: an error for whoever asks. */
class LostStep implements Step<null> {
  readonly primitive: Primitive<null> = lost;
  readonly attributes = null;
  readonly outputs = null;
  readonly #why: string;

  constructor(why: string) {
    this.#why = why;
  }

  get inputs(): readonly Value[] {
    throw new CompileError(
      `compile: the compiled function ${this.#why}, so that a derivative of the result can't be had afterwards; ask for it inside the function (backward, grad), or use x.detach() where the result counts as a constant`,
    );
  }
}

const lost: Primitive<null> = { name: "compiled", describe: unasked, evaluate: unasked };

const named = ({ name }: Cell) => (name === "" ? "a variable" : `variable "${name}"`);
