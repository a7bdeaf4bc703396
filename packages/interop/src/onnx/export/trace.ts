// What steps and functions of elements are called, where they are the engine's own.

import {
  type AtomTable,
  type Expression,
  emitExpression,
  emitStep,
  type PrimitiveName,
  type ProgramStep,
  type ProgramValue,
  type StepOf,
  type StepTable,
} from "@adjoint/autograd";

/** An expression as text, in which constants have no value; these, in the order in which a table is asked for them. */
export interface Trace {
  readonly text: string;
  readonly constants: readonly number[];
}

const known = new WeakMap<Expression, Trace>();

export function traced(expression: Expression, arity: number): Trace {
  const found = known.get(expression);
  if (found !== undefined) return found;
  const constants: number[] = [];
  // Parts that occur many times would make the text of the whole too long, so what is long is named.
  const parts: string[] = [];
  const short = (text: string) => (text.length < 100 ? text : `part${parts.push(text)}`);
  const table = new Proxy({} as AtomTable<string>, {
    get: (_table, name) => {
      if (name === "constant") return (value: number) => `c${constants.push(value)}`;
      if (name === "default")
        return (atom: { name: string }, of: string[]) => short(`own ${atom.name}(${of.join()})`);
      return (...of: string[]) => short(`${String(name)}(${of.join()})`);
    },
  });
  const names = Array.from({ length: arity }, (_, i) => `x${i}`);
  const text = emitExpression(table, expression, names);
  const trace = { text: [...parts, text].join(";"), constants };
  known.set(expression, trace);
  return trace;
}

const names = new Proxy({} as StepTable<string>, { get: (_table, name) => () => String(name) });

/** The step that made a value, where it is one of this primitive of the engine. */
export function madeBy<Name extends PrimitiveName>(
  value: ProgramValue | undefined,
  name: Name,
): StepOf<Name> | undefined {
  return value?.origin.kind === "step" ? stepOf(value.origin.step, name) : undefined;
}

/** A step as one of this primitive of the engine. */
export const stepOf = <Name extends PrimitiveName>(
  step: ProgramStep,
  name: Name,
): StepOf<Name> | undefined => (emitStep(names, step) === name ? (step as StepOf<Name>) : undefined);

/** The operands of a function of elements that is this one, in the text of `traced`. */
export function operandsOf(step: ProgramStep | undefined, text: string): readonly ProgramValue[] | undefined {
  const map = step === undefined ? undefined : stepOf(step, "map");
  if (map === undefined) return undefined;
  return traced(map.attributes.fn.expression, map.inputs.length).text === text ? map.inputs : undefined;
}

/** The operands of the function of elements that made a value. */
export const operandsIn = (
  value: ProgramValue | undefined,
  text: string,
): readonly ProgramValue[] | undefined =>
  value?.origin.kind === "step" ? operandsOf(value.origin.step, text) : undefined;

/** The number that all elements of a constant are. */
export function uniform(value: ProgramValue | undefined): number | undefined {
  if (value?.origin.kind !== "constant") return undefined;
  const { data } = value.origin.array;
  const [first] = data;
  return Array.prototype.every.call(data, (x: number) => Object.is(x, first)) ? first : undefined;
}
