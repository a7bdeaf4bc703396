// Functions of elements: their atoms, one operator after another.

import { type AtomTable, emitExpression, type StepOf } from "@adjoint/autograd";
import { Arithmetic, type Term } from "./arithmetic.ts";
import { atomTable } from "./atoms.ts";
import type { Emission } from "./emission.ts";
import { coversTogether } from "./sizes.ts";
import { traced } from "./trace.ts";
import { BatchError } from "./twins.ts";
import type { Element } from "./writer.ts";

export function mapStep(emission: Emission, step: StepOf<"map">): Element {
  const { inputs, outputs, attributes } = step;
  const output = outputs[0]!;
  const { fn } = attributes;
  const shape = emission.shape(output);
  const { text } = traced(fn.expression, inputs.length);
  const isUsed = inputs.map((_, i) => new RegExp(`\\bx${i}\\b`).test(text));
  const narrow = inputs.map((value) => emission.narrow(value));
  const isCovered = coversTogether(
    narrow.filter((_, i) => isUsed[i]).map((each) => each.shape),
    shape,
  );
  const type = inputs.find(({ dtype }) => dtype !== "bool");
  const e = new Arithmetic(
    emission.writer,
    emission.typeOf(output.dtype === "bool" ? (type ?? output) : output),
  );
  const operands: Term[] = inputs.map((value, i) =>
    isCovered || !isUsed[i] ? narrow[i]!.element : emission.take(value),
  );
  const table: AtomTable<Term> = { ...atomTable(e), ...constantsOf(emission, step, e) };
  const made = e.as(emitExpression(table, fn.expression, operands), emission.typeOf(output));
  return isUsed.includes(true) ? made : emission.filled(made, shape, made.type);
}

/** Where constants of the function depend on the batch: the entry that gives them, in the order in which it is asked. */
function constantsOf(emission: Emission, step: StepOf<"map">, e: Arithmetic): Partial<AtomTable<Term>> {
  const all = emission.twins.each(step, ({ attributes: { fn } }) =>
    traced(fn.expression, step.inputs.length),
  );
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
