// Running a program on tensors: by `apply`, as eager code does, so that whatever watches eager code watches a program too.

import { CompileError, DTypeError, ShapeError } from "../array/errors.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import { fill, fits } from "../array/tree.ts";
import type { Cell } from "../tape/cell.ts";
import type { Value } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { ProgramParts, ProgramValue } from "./parts.ts";
import { runSteps } from "./run-steps.ts";

export function runProgram(program: ProgramParts, args: readonly unknown[]): unknown {
  const given = takeArguments(program, args);
  const valueAt = runSteps(program, (value) => {
    const { origin } = value;
    switch (origin.kind) {
      case "argument":
        return given.get(value)!;
      case "variable":
        return origin.variable.value;
      case "gradient":
        return gradientOf(origin.variable);
      case "constant":
        return new Tensor(origin.array);
      case "step":
        throw new Error("program: a step comes after its operands");
    }
  });
  const outputs = program.outputs.map(valueAt);
  for (const { variable, missesGrad } of program.outcomes)
    if (missesGrad === true && variable.grad !== null)
      throw new CompileError(
        `program: it was recorded while ${named(variable)} had no gradient, and now there is one, to which the function would add; call clearGrad() before, or record it again`,
      );
  // All of them before the first variable changes.
  const outcomes = program.outcomes.map(({ variable, value, grad }) => ({
    variable,
    value: value === undefined ? undefined : valueAt(value),
    grad: grad == null ? grad : valueAt(grad),
  }));
  for (const { variable, value, grad } of outcomes) {
    if (value !== undefined) variable.assign(value);
    if (grad !== undefined) variable.setGrad(grad);
  }
  return fill(program.outputForm, outputs);
}

const named = ({ name }: Cell) => (name === "" ? "a variable" : `variable "${name}"`);

function gradientOf(variable: Cell): Value {
  const { grad } = variable;
  if (grad !== null) return grad;
  throw new CompileError(
    `program: it reads the gradient of ${named(variable)}, which has none; call backward() before`,
  );
}

function takeArguments(
  { inputs, inputForm }: ProgramParts,
  args: readonly unknown[],
): ReadonlyMap<ProgramValue, Value> {
  const known = new Map<ProgramValue, Value>();
  const isOfForm = fits(inputForm, args, (value, place) => {
    if (!(value instanceof Tensor)) return false;
    const input = inputs[place]!;
    if (!sameShape(value.shape, input.shape))
      throw new ShapeError(
        `program: tensor ${place} of the arguments has shape ${shapeText(value.shape)}, and the program was recorded for ${shapeText(input.shape)}; record it for this shape`,
      );
    if (value.dtype !== input.dtype)
      throw new DTypeError(
        `program: tensor ${place} of the arguments is ${value.dtype}, and the program was recorded for ${input.dtype}; cast it, e.g. x.cast("${input.dtype}")`,
      );
    known.set(input, value);
    return true;
  });
  if (!isOfForm)
    throw new TypeError(
      `program: the arguments are not of the form of the examples it was recorded with, which held ${inputs.length} tensors; give the same trees, and the same values beside the tensors`,
    );
  return known;
}
