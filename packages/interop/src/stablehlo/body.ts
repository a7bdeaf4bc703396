// The steps of a program as lines: those that somebody reads, in their order.

import { emitStep, type Program, type ProgramStep, type ProgramValue } from "@adjoint/autograd";
import type { Context, InnerProgram, Settings } from "./context.ts";
import type { Emitter } from "./emitter.ts";
import type { Operand } from "./operand.ts";
import { stepTable } from "./steps/table.ts";
import { elementTypeOf } from "./types.ts";

type Body = Pick<Program, "values" | "steps"> | InnerProgram;

/** The values of a program that some of its values are made of, themselves among them. */
function neededFor(steps: readonly ProgramStep[], wanted: readonly ProgramValue[]): Set<ProgramValue> {
  const needed = new Set(wanted);
  for (const { inputs, outputs } of steps.toReversed())
    if (outputs.some((output) => needed.has(output))) for (const input of inputs) needed.add(input);
  return needed;
}

/**
 * Writes the steps that the wanted values need, and gives these. `given` says where a value is that no step makes; null for a
 * constant, which is written here.
 */
export function emitBody(
  emit: Emitter,
  settings: Settings,
  { steps }: Body,
  wanted: readonly ProgramValue[],
  given: (value: ProgramValue) => Operand | null,
): readonly Operand[] {
  const needed = neededFor(steps, wanted);
  const made = new Map<ProgramValue, Operand>();
  const of = (value: ProgramValue): Operand => {
    let known = made.get(value) ?? given(value);
    if (known === null) {
      const { origin, shape, dtype } = value;
      if (origin.kind !== "constant")
        throw new TypeError(
          `toStableHLO: the program's value %${value.id} is a ${origin.kind} that is not given; record the function again`,
        );
      known = emit.numbers(origin.array.data, elementTypeOf(dtype), shape);
    }
    made.set(value, known);
    return known;
  };
  const context: Context = {
    emit,
    settings,
    of,
    isRead: (value) => needed.has(value),
    inside(program, inputs, isWanted) {
      const outputs = program.outputs.filter((_, i) => isWanted(i));
      const found = emitBody(emit, settings, program, outputs, ({ origin }) =>
        origin.kind === "argument" ? inputs[origin.place]! : null,
      );
      let next = 0;
      return program.outputs.map((_, i) => (isWanted(i) ? found[next++]! : null));
    },
    atom(atom, elements, operands) {
      const own = settings.ownAtoms[atom.name];
      if (own === undefined)
        throw new RangeError(
          `toStableHLO: the atom ${atom.name} is a function of numbers, which no other engine can read; say what it is, { ownAtoms: { ${atom.name}: (e, [x]) => e.mul(x, x) } }, or state it as an activation of the engine's functions`,
        );
      return own(elements, operands);
    },
  };
  const table = stepTable(context);
  for (const step of steps) {
    if (!step.outputs.some((output) => needed.has(output))) continue;
    const results = settings.afterStep(step, emitStep(table, step));
    results.forEach((result, i) => {
      if (result !== null) made.set(step.outputs[i]!, result);
    });
  }
  return wanted.map(of);
}
