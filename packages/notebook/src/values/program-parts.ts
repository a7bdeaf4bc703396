// What is asked of programs and their values by all that draws them.

import { type Program, type ProgramValue, Tape } from "@adjoint/autograd";
import { counted } from "../views/number-text.ts";
import type { GraphNode } from "../views/view.ts";

export const inputsOf = ({ origin }: ProgramValue): readonly ProgramValue[] =>
  origin.kind === "step" ? origin.step.inputs : [];

export const idOf = (value: ProgramValue): string => `v${value.id}`;

export function roleOf(value: ProgramValue, outputs: ReadonlySet<ProgramValue>): GraphNode["role"] {
  if (outputs.has(value)) return "output";
  const { kind } = value.origin;
  if (kind === "argument") return "input";
  if (kind === "variable" || kind === "gradient") return "variable";
  return kind === "constant" ? "constant" : "step";
}

export const titleOf = (program: Program): string =>
  `${program instanceof Tape ? "Tape" : "Program"} of ${counted(program.steps.length, "step")}`;

/** How often each primitive is among the steps, the most frequent first. */
export function countsOf(values: readonly ProgramValue[]): readonly (readonly [string, number, number])[] {
  const counts = new Map<string, [number, number]>();
  for (const { origin, shape } of values) {
    if (origin.kind !== "step" || origin.output !== 0) continue;
    const { name } = origin.step.primitive;
    const [count, elements] = counts.get(name) ?? [0, 0];
    counts.set(name, [count + 1, elements + shape.reduce((product, n) => product * n, 1)]);
  }
  return [...counts]
    .map(([name, [count, elements]]) => [name, count, elements] as const)
    .sort((a, b) => b[1] - a[1]);
}
