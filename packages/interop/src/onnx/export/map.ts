// Functions of elements: their atoms, one operator after another.

import { type AtomTable, type Expression, emitExpression, type StepOf } from "@adjoint/autograd";
import { Arithmetic, type Term } from "./arithmetic.ts";
import { atomTable } from "./atoms.ts";
import { coversTogether, type Emission } from "./emission.ts";
import { BatchError } from "./twins.ts";
import type { Element } from "./writer.ts";

/** An expression as text without its constants, and these: both in the order in which a table is asked. */
function traced(expression: Expression, arity: number) {
  const constants: number[] = [];
  const inputs = new Set<number>();
  const table = new Proxy({} as AtomTable<string>, {
    get: (_table, name) => {
      if (name === "constant") return (value: number) => `c${constants.push(value)}`;
      if (name === "default") return ({ name: own }: { name: string }, of: string[]) => `${own}(${of.join()})`;
      return (...of: string[]) => `${String(name)}(${of.join()})`;
    },
  });
  const text = emitExpression(
    table,
    expression,
    Array.from({ length: arity }, (_, i) => `x${i}`),
  );
  for (const [, place] of text.matchAll(/x(\d+)/g)) inputs.add(Number(place));
  return { text, constants, inputs };
}

export function mapStep(emission: Emission, step: StepOf<"map">): Element {
  const { inputs, outputs, attributes } = step;
  const output = outputs[0]!;
  const { fn } = attributes;
  const shape = emission.shape(output);
  const isUsed = usedInputs(fn.expression, inputs.length);
  const narrow = inputs.map((value) => emission.narrow(value));
  const isCovered = coversTogether(
    narrow.filter((_, i) => isUsed[i]).map((each) => each.shape),
    shape,
  );
  const type = inputs.find(({ dtype }) => dtype !== "bool");
  const e = new Arithmetic(emission.writer, emission.typeOf(output.dtype === "bool" ? (type ?? output) : output));
  const operands: Term[] = inputs.map((value, i) =>
    isCovered || !isUsed[i] ? narrow[i]!.element : emission.take(value),
  );
  const table: AtomTable<Term> = { ...atomTable(e), ...constantsOf(emission, step, e) };
  const made = e.as(emitExpression(table, fn.expression, operands), emission.typeOf(output));
  return isUsed.includes(true) ? made : emission.filled(made, shape, made.type);
}

function usedInputs(expression: Expression, arity: number): readonly boolean[] {
  const { inputs } = traced(expression, arity);
  return Array.from({ length: arity }, (_, i) => inputs.has(i));
}

/** Where constants of the function depend on the batch: the entry that gives them, in the order in which it is asked. */
function constantsOf(emission: Emission, step: StepOf<"map">, e: Arithmetic): Partial<AtomTable<Term>> {
  const all = emission.twins.each(step, ({ attributes: { fn } }) => traced(fn.expression, step.inputs.length));
  if (all.length === 1) return {};
  const [first] = all;
  if (all.some(({ text }) => text !== first!.text))
    throw new BatchError(
      `toOnnx: ${step.attributes.fn.name} is another function of elements at each size of the batch; export it with a fixed batch: toOnnx(record(f, ...examples))`,
    );
  let next = 0;
  return {
    constant: () => {
      const place = next++;
      return emission.number(
        all.map(({ constants }) => constants[place]!),
        e.type,
      );
    },
  };
}
