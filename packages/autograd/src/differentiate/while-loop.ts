// whileLoop: a loop that ends when its carry says so.

import { checkFunction } from "../array/arguments.ts";
import { checkCondition } from "../program/choice.ts";
import { closed, onSameOperands } from "../program/closed.ts";
import { whileLoop as primitive } from "../program/while.ts";
import { applyAll } from "../tape/apply.ts";
import { asTensor, Tensor } from "../tensor/tensor.ts";
import type { LooseTree } from "./scan.ts";
import { checkCarry, valuesIn } from "./value-trees.ts";

/**
 * The carry after `carry = body(carry)` for as long as `condition(carry)`, a single truth value (bool, shape []),
 * holds. The carry is a tree of tensors that keeps its shapes and types. Condition and body are recorded once in each
 * call, so that they must not choose by numbers or assign variables, and run as one step, also in a compiled program.
 * Under `vmap` the loop goes on until no part does, and a part that has ended keeps what it has. Derivatives in forward
 * mode (`jvp`, `linearize`). In reverse mode it throws TypeError, since the number of values to keep is not known
 * beforehand: use `scan` with a fixed number of steps, or `customVjp` with the implicit derivative of the point at
 * which the loop arrives. Throws ShapeError, DTypeError or TypeError where the carry changes, naming its leaf. As JAX's
 * `lax.while_loop`.
 */
export function whileLoop<Carry>(
  condition: (carry: Carry) => Tensor,
  body: (carry: Carry) => NoInfer<LooseTree<Carry>>,
  carry: Carry,
): Carry {
  checkFunction("whileLoop", condition, "({ error }) => error.greater(1e-6)");
  checkFunction("whileLoop", body, "({ x }) => ({ x: x.cos() })");
  const first = valuesIn("whileLoop", "the carry", carry);
  if (first.values.length === 0)
    throw new TypeError(
      "whileLoop: the carry holds no tensor, so that nothing could change; give what the condition looks at",
    );
  const asks = (...tensors: Tensor[]) => {
    const answer = condition(first.rebuild(tensors) as Carry);
    if (!(answer instanceof Tensor))
      throw new TypeError(
        `whileLoop: the condition gives ${typeof answer === "boolean" ? "a boolean" : "something else"} and must give a tensor, e.g. x.greater(0): the loop is recorded before there are numbers`,
      );
    checkCondition("whileLoop", answer);
    return [answer];
  };
  const goes = (...tensors: Tensor[]) => {
    const next = valuesIn("whileLoop", "the function's carry", body(first.rebuild(tensors) as Carry));
    checkCarry("whileLoop", first, next);
    return next.values.map(asTensor);
  };
  const tensors = first.values.map(asTensor);
  const functions = [closed("whileLoop", asks, tensors), closed("whileLoop", goes, tensors)];
  const { operands, programs } = onSameOperands(first.values, functions, first.values[0]!);
  const attributes = { condition: programs[0]!, body: programs[1]!, carries: first.values.length };
  return first.rebuild(applyAll(primitive, operands, attributes)) as Carry;
}
