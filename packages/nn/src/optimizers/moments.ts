// Running means of gradients, which Adam and its relatives keep.

import type { Tensor, Variable } from "@adjoint/autograd";
import type { Memory } from "./link.ts";

/** Replaces what is kept by decay·kept + (1 − decay)·x, and returns it. */
export function follow(kept: Variable, x: Tensor, decay: number): Tensor {
  kept.assign(kept.value.mul(decay).add(x.mul(1 - decay)));
  return kept.value;
}

/** One more than the number of steps before in which the variable had a gradient. */
export function counted(memory: Memory): Tensor {
  const steps = memory("steps", []);
  steps.assign(steps.value.add(1));
  return steps.value;
}

/** 1 − βᵗ: what a running mean that started at 0 must be divided by. By expm1, which keeps the digits of a small difference. */
export const started = (beta: number, t: Tensor): Tensor => t.mul(Math.log(beta)).expm1().neg();
