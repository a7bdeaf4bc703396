// cond: one of two functions, as a truth value says.

import { checkFunction, isAsync } from "../array/arguments.ts";
import { CompileError, DTypeError, ShapeError } from "../array/errors.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import { checkCondition, choice } from "../program/choice.ts";
import { closed, onSameOperands } from "../program/closed.ts";
import { applyAll } from "../tape/apply.ts";
import { Unknown } from "../tape/unknown.ts";
import { heldBy } from "../tape/value.ts";
import { asTensor, type Tensor } from "../tensor/tensor.ts";
import { type ValueTree, valuesIn } from "./value-trees.ts";

type Branch = (...operands: never[]) => unknown;

/**
 * `onTrue(...operands)` where the condition is true, else `onFalse(...operands)`: only one of them runs. The condition is a
 * single truth value (bool, shape []); operands and results are trees of tensors. Where the condition's number is known,
 * as in eager code, this is an `if`. Where it is not, in `record`, `compile` and within `vmap`, both functions are
 * recorded, and must give trees of one form with the same shapes and types; under `vmap` with conditions that differ both
 * run, and each part takes its own. Derivatives of every order in both modes, of the one that runs. To choose element by
 * element, use `where`. Throws ShapeError or DTypeError for another condition, and where the results differ. As JAX's
 * `lax.cond`.
 */
export function cond<Operands extends readonly unknown[], Result>(
  condition: Tensor | boolean,
  onTrue: (...operands: Operands) => Result,
  onFalse: (...operands: Operands) => Result,
  ...operands: Operands
): Result {
  checkFunction("cond", onTrue, "(x) => x.square()");
  checkFunction("cond", onFalse, "(x) => x.abs()");
  const run = (f: (...operands: Operands) => Result) => {
    const result = f(...operands);
    if (isAsync(result))
      throw new CompileError("cond: the function is async; give one that does everything at once");
    return result;
  };
  if (typeof condition === "boolean") return run(condition ? onTrue : onFalse);
  checkCondition("cond", condition);
  const held = heldBy(condition);
  if (!(held.array.pending instanceof Unknown)) return run(held.array.first !== 0 ? onTrue : onFalse);
  const given = operands.map((operand, i) => valuesIn("cond", `operand ${i}`, operand));
  const values = given.flatMap((each) => each.values);
  const forms: ValueTree[] = [];
  const sides = [onTrue, onFalse].map((f) => {
    const call = (...tensors: Tensor[]) => {
      let next = 0;
      const trees = given.map((each) => each.rebuild(tensors.slice(next, (next += each.values.length))));
      const result = valuesIn("cond", "the function's result", (f as Branch)(...(trees as never[])));
      forms.push(result);
      return result.values.map(asTensor);
    };
    return closed("cond", call, values.map(asTensor));
  });
  checkAlike(forms[0]!, forms[1]!);
  if (forms[0]!.values.length === 0) return forms[0]!.rebuild([]) as Result;
  const { operands: all, programs } = onSameOperands(values, sides, held);
  const attributes = { onTrue: programs[0]!, onFalse: programs[1]! };
  return forms[0]!.rebuild(applyAll(choice, [held, ...all], attributes)) as Result;
}

function checkAlike(yes: ValueTree, no: ValueTree): void {
  if (yes.paths.join() !== no.paths.join())
    throw new TypeError(
      `cond: the two functions give results of different forms, [${yes.paths.join(", ")}] and [${no.paths.join(", ")}]; give the same tree in both`,
    );
  yes.values.forEach((value, i) => {
    const other = no.values[i]!;
    const at = `cond: result${yes.paths[i]}`;
    if (!sameShape(value.shape, other.shape))
      throw new ShapeError(
        `${at} has shape ${shapeText(value.shape)} where the condition is true and ${shapeText(other.shape)} where it is false; give the same shape in both, e.g. by broadcastTo`,
      );
    if (value.dtype !== other.dtype)
      throw new DTypeError(
        `${at} is ${value.dtype} where the condition is true and ${other.dtype} where it is false; give the same type in both, e.g. by cast`,
      );
  });
}
