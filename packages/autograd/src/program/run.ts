// Running a program on tensors: through the door, as eager code does, so that whatever watches eager code watches it.

import { CompileError, DTypeError, ShapeError } from "../array/errors.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import { fill, fits } from "../array/tree.ts";
import { applyAll } from "../tape/apply.ts";
import type { Cell } from "../tape/cell.ts";
import type { Value } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { ProgramParts, ProgramValue } from "./parts.ts";

export function runProgram(program: ProgramParts, args: readonly unknown[]): unknown {
  const known = new Map<ProgramValue, Value>();
  const withGradient = new Set<Cell>();
  takeArguments(program, args, known);
  for (const value of program.values) {
    const { origin } = value;
    if (known.has(value)) continue;
    switch (origin.kind) {
      case "argument":
        throw new Error("program: an argument was not taken");
      case "variable":
        known.set(value, origin.variable.value);
        break;
      case "gradient": {
        const { grad, name } = origin.variable;
        if (grad === null)
          throw new CompileError(
            `program: it reads the gradient of ${name === "" ? "a variable" : `variable "${name}"`}, which has none; call backward() before`,
          );
        known.set(value, grad);
        withGradient.add(origin.variable);
        break;
      }
      case "constant":
        known.set(value, new Tensor(origin.array));
        break;
      case "step": {
        const { primitive, inputs, attributes, outputs } = origin.step;
        const made = applyAll(
          primitive,
          inputs.map((input) => known.get(input)!),
          attributes,
        );
        for (const [i, output] of outputs.entries()) known.set(output, made[i]!);
        break;
      }
    }
  }
  for (const { variable, value, grad } of program.outcomes) {
    const present = variable.grad;
    if (value !== undefined) variable.assign(known.get(value)!);
    if (grad !== undefined) variable.setGrad(grad === null ? null : known.get(grad)!);
    // The function put back the gradient that it found. One that has come since the recording is forgotten, as by assign.
    else if (value !== undefined && withGradient.has(variable)) variable.setGrad(present);
  }
  return fill(
    program.outputForm,
    program.outputs.map((output) => known.get(output)!),
  );
}

function takeArguments(
  { inputs, inputForm }: ProgramParts,
  args: readonly unknown[],
  known: Map<ProgramValue, Value>,
): void {
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
}
