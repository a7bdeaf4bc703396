// Loop kernels as code: chooses lanes and the order of loops, and writes the nest. kernel.ts says what a kernel
// means.

import { type FunctionIndex, Type, type ValueType } from "./assembler.ts";
import type { LoopKernel } from "./kernel.ts";
import type { KernelModule } from "./kernel-module.ts";
import { weightOf } from "./loops/body.ts";
import { Nest } from "./loops/nest.ts";
import { planOf } from "./loops/plan.ts";
import { spaceOf } from "./loops/walks.ts";
import { lanesFor } from "./width.ts";

/** Writes a function (i32 …) → () that runs a kernel. It does nothing where a parameter makes an axis empty. */
export function writeLoops(module: KernelModule, kernel: LoopKernel, exportAs?: string): FunctionIndex {
  const bits = lanesFor(kernel);
  const weight = weightOf(kernel, bits, module);
  const plan = planOf(kernel, spaceOf(kernel), 128 / bits, weight);
  const parameters = new Array<ValueType>(kernel.parameters ?? 0).fill(Type.i32);
  return module.writer.function(
    parameters,
    [],
    (code) => new Nest(kernel, module, code, plan, bits, weight).write(),
    exportAs,
  );
}
