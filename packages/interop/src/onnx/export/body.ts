// Emits a program: backwards, what is needed, and which steps are one operator together; forwards, one after the other.

import { emitStep, type ProgramStep, type ProgramValue } from "@adjoint/autograd";
import { Emission, type Emitted, type Setting } from "./emission.ts";
import { patternAt } from "./patterns.ts";
import { fixed, sameSize } from "./sizes.ts";
import { stepTable } from "./steps.ts";
import type { Element } from "./writer.ts";

/**
 * Emits a program on these inputs; returns what the wanted values have become. Steps that nothing wanted is made of are left
 * out.
 */
export const emitBody: Setting["emitBody"] = (setting, twins, inputs, wanted) => {
  const needed = new Set(wanted);
  const emission = new Emission(setting, twins, inputs, needed);
  const table = stepTable(emission);
  const isEmpty = (value: ProgramValue) => twins.shape(value).some((size) => sameSize(size, fixed(0)));
  const emitted = new Map<ProgramStep, () => Emitted>();
  for (const step of twins.body.steps.toReversed()) {
    if (!step.outputs.some((output) => needed.has(output))) continue;
    // Runtimes do not all bear operators on nothing: some of onnxruntime's end the process.
    if (step.outputs.every(isEmpty)) {
      emitted.set(step, () => step.outputs.map((output) => emission.empty(output)));
      continue;
    }
    const [first, ...others] = twins.each(step, (each) => patternAt(each, setting.typeOf));
    const pattern = others.every((other) => other?.key === first?.key) ? first : undefined;
    for (const value of pattern?.operands ?? step.inputs) needed.add(value);
    emitted.set(step, () => pattern?.emit(emission) ?? emitStep(table, step));
  }
  for (const step of twins.body.steps) {
    const made = emitted.get(step)?.() ?? null;
    if (made === null) continue;
    const elements = Array.isArray(made) ? (made as readonly (Element | null)[]) : [made as Element];
    step.outputs.forEach((output, i) => {
      const element = elements[i];
      if (element != null) emission.hold(output, element);
    });
  }
  return emission.takeAll(wanted);
};
