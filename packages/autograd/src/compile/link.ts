// The derivatives of a program's results outside of it: with respect to the variables that it reads, to watched values
// that it has taken from around it, and to watched arguments. A result is linked to those by one step, whose rule runs
// the function again, backwards, as a program of its own.

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
import { heldBy, nextSerial, type Primitive, type Step, type Value } from "../tape/value.ts";
import { zerosOf } from "../tape/zeros.ts";
import { asTensor, type Tensor } from "../tensor/tensor.ts";
import { argumentsOf, resultOf } from "./arguments.ts";
import type { RecordedTensors } from "./recorded-tensors.ts";
import { type Taken, tensorLeaves } from "./taken.ts";

/** A function's derivatives, going backwards: cotangents of its results to those of variables, captured values, and arguments. */
type Back = (
  cotangents: readonly Tensor[],
  variables: readonly Tensor[],
  args: readonly unknown[],
) => readonly Tensor[];

/** What it does, to be compiled in turn. Results that are the same in all calls are constants, and have no cotangents. */
function backOf(f: Call, captured: readonly Value[], constants: readonly unknown[]): Back {
  return (cotangents, variables, args) => {
    const given = argumentsOf(args, tensorLeaves);
    // A sweep without createGraph hides the variables; this is a part of what it sweeps.
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
 * An argument under a name of its own, since one tensor may be two arguments. Outside of transforms only variables watch, so
 * an argument is a leaf of theirs: an assignment cuts both off. Where this is differentiated in turn, it is a leaf already.
 */
function namedAnew(argument: Tensor): Value {
  return includes(argument.traces, variableTrace)
    ? (apply(identity, [argument], null) as Value)
    : watchedLeaf(argument, variableTrace);
}

const floatsOf = (tensors: readonly Tensor[]): Value[] =>
  tensors.filter(({ dtype }) => isFloat(dtype)).map(heldBy);

/** What a program's results depend on that somebody may watch. */
export class Link {
  /** The variables of any type that results depend on. */
  readonly #variables: readonly Cell[];
  readonly #captured: readonly Value[];
  /** The tree in which the arguments sit. */
  readonly #form: Form;
  /** Why derivatives of results can't be had afterwards; null where they can. */
  readonly #lost: string | null;
  readonly #readsVariables: boolean;
  readonly #isSingle: boolean;
  readonly #makeBack: () => Back;
  #linked: Linked | null = null;

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
    // What such a variable holds on the way would be a leaf for eager code, and is none of a call; and f, run again,
    // would find another number there.
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

  /** The transforms that watch what results of a call depend on. The arguments are asked only where one is watched. */
  tracesOf({ tensors, isWatched }: Taken): TraceSet | null {
    const read = this.#readsVariables && variableTrace.isRecording ? variableTraces : null;
    if (!isWatched && this.#captured.length === 0) return read;
    let traces: TraceSet | null = read;
    for (const { traces: own } of this.#captured) traces = union(own, traces);
    for (const tensor of tensors) if (tensor?.traces != null) traces = union(tensor.traces, traces);
    return openTraces(traces);
  }

  /** The step that makes a call's results out of what they depend on, `tensors` among it: its arguments', which stay as they are. */
  stepOf(tensors: readonly (Tensor | null)[], traces: TraceSet): CallStep | LostStep {
    if (this.#lost !== null) return new LostStep(this.#lost, traces);
    this.#linked ??= {
      back: this.#makeBack(),
      variables: this.#variables,
      captured: this.#captured,
      form: this.#form,
      isSingle: this.#isSingle,
    };
    return new CallStep(this.#linked, tensors, traces);
  }
}

/** The step that made a call's results. What it was made from is looked up when somebody asks. */
class CallStep implements Step<Called> {
  readonly primitive: Primitive<Called> = called;
  readonly outputs: Value[] | null;
  /** Those of its results. */
  readonly traces: TraceSet;
  readonly #linked: Linked;
  readonly #tensors: Called["tensors"];
  readonly #calledAt = nextSerial();

  constructor(linked: Linked, tensors: Called["tensors"], traces: TraceSet) {
    this.traces = traces;
    this.outputs = linked.isSingle ? null : [];
    this.#linked = linked;
    this.#tensors = tensors;
  }

  get attributes(): Called {
    return { ...this.#linked, tensors: this.#tensors };
  }

  get inputs(): readonly Value[] {
    const { variables, captured, tensors } = this.attributes;
    for (const variable of variables) {
      if (variable.changedAt <= this.#calledAt) continue;
      throw new CompileError(
        `compile: ${named(variable)} was assigned after the compiled function was called, and the derivative of what that gave is that at its value before; ask for derivatives before assigning, or inside the compiled function`,
      );
    }
    return [...variables.map(({ value }) => value), ...captured, ...tensors.map((each) => heldBy(each!))];
  }
}

/** What all calls of a signature are linked by. */
interface Linked {
  readonly back: Back;
  readonly variables: readonly Cell[];
  readonly captured: readonly Value[];
  /** The form of the arguments as they were: whoever made the call may have changed its trees since. */
  readonly form: Form;
  /** Whether one result alone can move. */
  readonly isSingle: boolean;
}

interface Called extends Linked {
  /** None is null after a call. */
  readonly tensors: readonly (Tensor | null)[];
}

// A call is not applied to operands; it is what they were used in.
const unasked = (): never => {
  throw new Error("compiled: a call of a compiled function is not applied again");
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

/** The step of a call whose derivative is lost: an error for whoever asks. */
class LostStep implements Step<null> {
  readonly primitive: Primitive<null> = lost;
  readonly attributes = null;
  readonly outputs = null;
  readonly traces: TraceSet;
  readonly #why: string;

  constructor(why: string, traces: TraceSet) {
    this.traces = traces;
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
