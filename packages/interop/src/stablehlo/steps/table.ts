// What each primitive is in StableHLO: one entry for each primitive of the engine, or this file does not compile.

import {
  emitExpression,
  type ProgramStep,
  record,
  type StepOf,
  type StepTable,
  type Tensor,
  zeros,
} from "@adjoint/autograd";
import { Elements, type NumberType } from "../atoms/elements.ts";
import { atomTable } from "../atoms/table.ts";
import type { Context, OwnStep, Results } from "../context.ts";
import { elementTypeOf } from "../types.ts";
import { control } from "./control.ts";
import { draws } from "./draws.ts";
import { gatedProduct } from "./gated-product.ts";
import { indexing } from "./indexing.ts";
import { movement } from "./movement.ts";
import { reductions } from "./reductions.ts";
import { running } from "./running.ts";

/** The table for the steps of one program. */
export function stepTable(context: Context): StepTable<Results> {
  const { emit, of, settings } = context;
  return {
    ...movement(context),
    ...reductions(context),
    ...gatedProduct(context),
    ...running(context),
    ...indexing(context),
    ...draws(context),
    ...control(context),
    map({ attributes: { fn }, inputs, outputs: [output] }: StepOf<"map">) {
      const operands = inputs.map(of);
      const numbers = operands.find(({ type }) => type !== "i1");
      // Constants among truth values are float32.
      const elements = new Elements(emit, (numbers?.type ?? "f32") as NumberType);
      const table = atomTable(elements, output!.shape, (atom, own) => context.atom(atom, elements, own));
      const made = emitExpression(table, fn.expression, operands);
      const type = elementTypeOf(output!.dtype);
      return [type === "i1" ? elements.truth(made) : emit.convert(made, type)];
    },
    default(step: ProgramStep) {
      const own = settings.own[step.primitive.name];
      return own === undefined ? composed(context, step) : stated(context, step, own);
    },
  };
}

/** What a user's entry writes, which must be what the program says of the step's results. */
function stated({ emit, of }: Context, step: ProgramStep, own: OwnStep): Results {
  const made = own(step, emit, step.inputs.map(of));
  step.outputs.forEach(({ shape, dtype }, i) => {
    const given = made[i];
    const type = elementTypeOf(dtype);
    if (given === undefined || given.type !== type || given.shape.join() !== shape.join())
      throw new TypeError(
        `toStableHLO: own.${step.primitive.name} gave ${given === undefined ? "nothing" : `${given.type} [${given.shape.join(", ")}]`} for result ${i}, which is ${type} [${shape.join(", ")}]; return one value for each result, of its type and shape`,
      );
  });
  return made;
}

/** A step that says what it is made of, such as a function with a derivative of its own, becomes those steps. */
function composed({ of, inside, isRead }: Context, step: ProgramStep): Results {
  const { primitive, attributes, inputs, outputs } = step;
  const { name } = primitive;
  const program = record(
    (...values: Tensor[]) => primitive.composed?.(values, attributes) ?? null,
    ...inputs.map(({ shape, dtype }) => zeros(shape, { dtype })),
  );
  if (program.outputs.length === 0)
    throw new RangeError(
      `toStableHLO: the primitive ${name} is not the engine's, and only its author knows what it is in StableHLO; say it, { own: { ${name}: (step, emit, operands) => [emit.unary("tanh", operands[0])] } }, or build the function of the engine's operations`,
    );
  return inside(program, inputs.map(of), (i) => isRead(outputs[i]!));
}
