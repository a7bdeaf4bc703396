// The derivatives of a program's results, for code outside the program: with respect to the variables that it
// reads, to watched values that it captures, and to watched arguments. One step links a result to these; its
// rule runs the function again, backwards, as another program.

import { isFloat } from "../array/dtype.ts";
import { CompileError } from "../array/errors.ts";
import { type Form, fill } from "../array/tree.ts";
import { ancestorsOf } from "../program/parts.ts";
import { apply } from "../tape/apply.ts";
import { discarded } from "../tape/bind.ts";
import type { Cell } from "../tape/cell.ts";
import type { Call, RecordedCall } from "../tape/engine.ts";
import { identity } from "../tape/identity.ts";
import { watchedLeaf } from "../tape/leaf.ts";
import { sweepTo } from "../tape/reverse.ts";
import { includes, openTraces, type TraceSet, union, variableTrace, variableTraces } from "../tape/trace.ts";
import { heldBy, LateStep, nextSerial, type Primitive, type Step, type Value } from "../tape/value.ts";
import { zerosOf } from "../tape/zeros.ts";
import { asTensor, type Tensor } from "../tensor/tensor.ts";
import { argumentsOf, resultOf } from "./arguments.ts";
import type { RecordedTensors } from "./recorded-tensors.ts";
import { type Taken, tensorLeaves } from "./taken.ts";

/**
 * The derivatives of a function, backwards: maps cotangents of its results to cotangents of variables,
 * captured values, and arguments, in this order.
 */
type Back = (
  cotangents: readonly Tensor[],
  variables: readonly Tensor[],
  args: readonly unknown[],
) => readonly Tensor[];

/**
 * Returns the function that computes these derivatives, to be compiled in turn. Results that are the same in
 * all calls are constants, and have no cotangents.
 */
function backOf(f: Call, captured: readonly Value[], constants: readonly unknown[]): Back {
  return (cotangents, variables, args) => {
    const given = argumentsOf(args, tensorLeaves);
    // A sweep without createGraph closes the variables' trace. The trace is open here, because this function
    // records steps that it sweeps itself.
    return variableTrace.within(() =>
      discarded(() => {
        const leaves = given.leaves.map(namedAnew);
        const wanted = [...variables.map(heldBy), ...captured, ...leaves];
        const result = f(fill(given.form, leaves) as readonly unknown[]);
        const { leaves: results } = resultOf(result, tensorLeaves);
        const outputs = floatsOf(results.filter((_, place) => constants[place] === null));
        const reached = sweepTo(new Set(wanted), outputs, cotangents, variableTrace);
        return wanted.map((each) => asTensor(reached.get(each) ?? zerosOf(each, each)));
      }),
    );
  };
}

/**
 * Returns an argument under a name of its own, since one tensor may be two arguments. Outside of transforms
 * only the variables' trace watches, so the argument becomes a leaf of that trace: an assignment cuts off
 * variables and arguments alike. When this function is differentiated in turn, the argument is a leaf already.
 */
function namedAnew(argument: Tensor): Value {
  return includes(argument.traces, variableTrace)
    ? (apply(identity, [argument], null) as Value)
    : watchedLeaf(argument, variableTrace);
}

const floatsOf = (tensors: readonly Tensor[]): Value[] =>
  tensors.filter(({ dtype }) => isFloat(dtype)).map(heldBy);

/** The watched values on which a program's results may depend. */
export class Link {
  /** The variables on which results depend, of any element type. */
  readonly #variables: readonly Cell[];
  readonly #captured: readonly Value[];
  /** The form of the tree of arguments. */
  readonly #form: Form;
  /** The reason why results have no derivatives after the call; null if they have derivatives. */
  readonly #lost: string | null;
  readonly #readsVariables: boolean;
  readonly #isSingle: boolean;
  readonly #makeBack: () => Back;
  #linked: Linked | null = null;
  /** What made the results of the last call; null if it can't make others. */
  #last: LateCallStep | LostStep | null = null;

  constructor(
    { program, captured, assigned, form, constants }: RecordedTensors,
    { f, compile }: Pick<RecordedCall, "f" | "compile">,
  ) {
    this.#form = form;
    const all = ancestorsOf(program.results);
    const outside = [...all].filter(({ origin }) => origin.kind !== "step");
    this.#variables = outside.flatMap(({ origin }) => (origin.kind === "variable" ? [origin.variable] : []));
    const origins = outside.flatMap(({ origin, dtype }) =>
      origin.kind === "constant" && isFloat(dtype) ? (captured.get(origin.array) ?? []) : [],
    );
    this.#captured = [...new Set(origins)];
    // In eager code the values that an assigned variable holds during the call would be leaves, but a
    // compiled call has no such leaves. And if f ran again, it would find another number in the variable.
    const assignedOne = assigned.find(({ values }) => values.some((value) => all.has(value)))?.variable;
    const asked = outside.find(({ origin }) => origin.kind === "gradient")?.origin as
      | { readonly variable: Cell }
      | undefined;
    this.#lost =
      assignedOne !== undefined
        ? `assigns ${named(assignedOne)}, and its result depends on what that held before or after`
        : asked !== undefined
          ? `reads the gradient of ${named(asked.variable)}, and its result depends on that`
          : null;
    this.#readsVariables = this.#variables.length > 0 || this.#lost !== null;
    this.#isSingle = program.results.filter(({ dtype }) => isFloat(dtype)).length === 1;
    this.#makeBack = () => compile(backOf(f, this.#captured, constants));
  }

  /** Whether results depend on nothing but the arguments. */
  get isIdle(): boolean {
    return this.#variables.length === 0 && this.#captured.length === 0 && this.#lost === null;
  }

  /**
   * Returns the open traces that watch anything on which results of a call depend; null if there are none.
   * The arguments are examined only if one of them is watched.
   */
  tracesOf(taken: Taken): TraceSet | null {
    const read = this.#readsVariables && variableTrace.isRecording ? variableTraces : null;
    return this.#captured.length === 0 && !taken.isWatched ? read : this.#tracesWith(read, taken.tensors);
  }

  #tracesWith(read: TraceSet | null, tensors: readonly (Tensor | null)[]): TraceSet | null {
    let traces: TraceSet | null = read;
    for (const { traces: own } of this.#captured) traces = union(own, traces);
    for (const tensor of tensors) if (tensor?.traces != null) traces = union(tensor.traces, traces);
    return openTraces(traces);
  }

  /**
   * Returns what makes the results of a call from what they depend on. Calls with the same arguments share it,
   * where one result at most can have derivatives.
   */
  made(taken: Taken, traces: TraceSet): Made {
    const last = this.#last;
    if (last !== null && last.traces === traces && (last.tensors === null || last.tensors === taken.tensors))
      return last;
    return this.#make(taken, traces);
  }

  #make(taken: Taken, traces: TraceSet): Made {
    if (this.#lost !== null) return (this.#last = new LostStep(this.#lost, traces));
    this.#linked ??= {
      back: this.#makeBack(),
      variables: this.#variables,
      captured: this.#captured,
      form: this.#form,
    };
    const tensors = taken.handOut();
    if (!this.#isSingle) return new CallStep(this.#linked, tensors, traces, nextSerial(), []);
    const late = new LateCallStep(this.#linked, tensors, traces);
    // Nothing of a watched argument is kept for the next call, since it may hold a tape.
    this.#last = taken.isWatched ? null : late;
    return late;
  }
}

/** What made the results of a call. Exactly one result can have derivatives where `outputs` is null. */
export type Made = CallStep | LateCallStep | LostStep;

/** The step that made the results of a call. Its inputs are looked up only when a sweep asks for them. */
class CallStep implements Step<Called> {
  readonly primitive: Primitive<Called> = called;
  readonly outputs: Value[] | null;
  /** The traces of its results. */
  readonly traces: TraceSet;
  readonly #linked: Linked;
  readonly #tensors: Called["tensors"];
  /** When the call was made, in the order of making. */
  readonly #calledAt: number;

  constructor(
    linked: Linked,
    tensors: Called["tensors"],
    traces: TraceSet,
    calledAt: number,
    outputs: Value[] | null,
  ) {
    this.traces = traces;
    this.outputs = outputs;
    this.#linked = linked;
    this.#tensors = tensors;
    this.#calledAt = calledAt;
  }

  get attributes(): Called {
    return { ...this.#linked, tensors: this.#tensors };
  }

  get inputs(): readonly Value[] {
    const { variables, captured, tensors } = this.attributes;
    for (const variable of variables) {
      if (variable.changedAt <= this.#calledAt) continue;
      throw new CompileError(
        `compile: ${named(variable)} was assigned after the compiled function was called, so the value at which a derivative of the result has to be taken is gone; ask for derivatives before assigning, or inside the compiled function`,
      );
    }
    return [...variables.map(({ value }) => value), ...captured, ...tensors.map((each) => heldBy(each!))];
  }
}

/** The steps of calls with the same arguments, each of which makes one result that can have derivatives. */
class LateCallStep extends LateStep {
  readonly outputs = null;
  readonly traces: TraceSet;
  readonly tensors: Called["tensors"];
  readonly #linked: Linked;

  constructor(linked: Linked, tensors: Called["tensors"], traces: TraceSet) {
    super();
    this.traces = traces;
    this.tensors = tensors;
    this.#linked = linked;
  }

  stepOf(output: Value): CallStep {
    return new CallStep(this.#linked, this.tensors, this.traces, output.serial, null);
  }
}

/** The part of the step that all calls of a signature share. */
interface Linked {
  readonly back: Back;
  readonly variables: readonly Cell[];
  readonly captured: readonly Value[];
  /** The form of the arguments as they were recorded: the caller may have changed its trees since. */
  readonly form: Form;
}

interface Called extends Linked {
  /** No element is null after a call. */
  readonly tensors: readonly (Tensor | null)[];
}

// A compiled call is recorded as a step, but is never applied to operands: the program has computed its
// results already.
const unasked = (): never => {
  throw new Error("compiled: a call of a compiled function can't be applied again");
};

const called: Primitive<Called> = {
  name: "compiled",
  describe: unasked,
  evaluate: unasked,
  pullback({ outputs, attributes: { back, variables, form, tensors } }, _cotangent, _wanted, cotangents) {
    const given = cotangents.flatMap((cotangent, i) => {
      const output = outputs[i]!;
      return isFloat(output.dtype) ? [asTensor(cotangent ?? zerosOf(output, output))] : [];
    });
    return back(
      given,
      variables.map(({ face }) => asTensor(face)),
      fill(form, tensors) as readonly unknown[],
    );
  },
};

/** The step of a call whose results have no derivatives afterwards. Throws CompileError when its inputs are read. */
class LostStep implements Step<null> {
  readonly primitive: Primitive<null> = lost;
  readonly attributes = null;
  readonly outputs = null;
  readonly traces: TraceSet;
  /** The arguments do not matter. */
  readonly tensors = null;
  readonly #why: string;

  constructor(why: string, traces: TraceSet) {
    this.traces = traces;
    this.#why = why;
  }

  get inputs(): readonly Value[] {
    throw new CompileError(
      `compile: the compiled function ${this.#why}, so the result has no derivative after the call; ask for the derivative inside the function (backward, grad), or use x.detach() if the result is meant as a constant`,
    );
  }
}

const lost: Primitive<null> = { name: "compiled", describe: unasked, evaluate: unasked };

const named = ({ name }: Cell) => (name === "" ? "a variable" : `variable "${name}"`);
