// What each primitive becomes.

import type { ProgramStep, StepTable } from "@adjoint/autograd";
import { controlSteps } from "./control.ts";
import type { Emission, Emitted } from "./emission.ts";
import { indexingSteps } from "./indexing.ts";
import { mapStep } from "./map.ts";
import { movementSteps } from "./movement.ts";
import { orderSteps } from "./order.ts";
import { randomSteps } from "./random.ts";
import { reductionSteps } from "./reductions.ts";
import { runningSteps } from "./running.ts";
import { windowSteps } from "./windows.ts";

export function stepTable(emission: Emission): StepTable<Emitted> {
  const same = ({ inputs: [x] }: ProgramStep) => emission.take(x!);
  return {
    map: (step) => mapStep(emission, step),
    identity: same,
    constantIn: same,
    stopGradient: same,
    // A model has no way to refuse numbers.
    guarded: same,
    ...movementSteps(emission),
    ...windowSteps(emission),
    ...reductionSteps(emission),
    ...orderSteps(emission),
    ...runningSteps(emission),
    ...indexingSteps(emission),
    ...randomSteps(emission),
    ...controlSteps(emission),
    default({ primitive }) {
      throw new TypeError(
        `toOnnx: the primitive "${primitive.name}" is your own or another package's, and no ONNX operator is known for it; compute that part by operations of the engine, or export what comes before and after it as models of their own`,
      );
    },
  };
}
