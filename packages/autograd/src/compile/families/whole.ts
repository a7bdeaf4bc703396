// Steps that are computed as a whole: by JavaScript, or by the programs that they hold.

import { sizeOf } from "../../array/shape.ts";
import { mayRefuse } from "../../program/guards.ts";
import type { ProgramStep, ProgramValue } from "../../program/parts.ts";
import { evaluateStep } from "../../program/replay.ts";
import type { Control } from "../../tape/lowering.ts";
import { Cluster, type HostStep } from "../cluster.ts";
import type { Placed } from "../fused.ts";
import type { Fusion } from "../fusion.ts";
import { dense, isDense } from "../layout.ts";

/**
 * Places an output of a step that is computed by a host call. The first output to be placed makes the
 * cluster of the call, which computes all outputs of the step.
 */
export function host(
  fusion: Fusion,
  { shape, dtype, origin }: ProgramValue,
  operands: readonly Placed[],
): Placed {
  if (origin.kind !== "step") throw new Error("a host call must come from a step");
  const { step, output } = origin;
  let targets = fusion.hosted.get(step);
  if (targets === undefined) {
    targets = fusion.targetsOf(step);
    const cluster = fusion.hostCluster(
      operands,
      targets,
      (arrays) => evaluateStep(step, arrays),
      mayThrowItself(step),
    );
    fusion.finish(cluster, step, targets);
  }
  return { shape, dtype, buffer: targets[output]!, layout: dense(shape) };
}

/** Places an output of a step that holds programs: the first one to be placed makes the cluster of the step. */
export function control(
  fusion: Fusion,
  { shape, dtype, origin }: ProgramValue,
  control: Control,
  operands: readonly Placed[],
): Placed {
  if (origin.kind !== "step") throw new Error("programs must be inside a step");
  const { step, output } = origin;
  const targets = fusion.hosted.get(step) ?? controlled(fusion, step, control, operands);
  return { shape, dtype, buffer: targets[output]!, layout: dense(shape) };
}

function controlled(
  fusion: Fusion,
  step: ProgramStep,
  control: Control,
  operands: readonly Placed[],
): HostStep["targets"] {
  const targets = fusion.targetsOf(step);
  const carries = control.kind === "repeat" || control.kind === "while" ? control.carries : 0;
  const others = operands.slice(carries).map((operand) => {
    const { buffer, layout } = isDense({ ...operand.layout, offset: 0 }, operand.shape)
      ? operand
      : fusion.copied(operand);
    buffer.isStored = true;
    return { buffer, offset: layout.offset };
  });
  // What is carried is changed where it ends up; so it is copied there before.
  const carried = operands.slice(0, carries).map((operand, i) => {
    const target = (targets[i] ??= fusion.buffer(operand.dtype, sizeOf(operand.shape), {
      kind: "computed",
    }));
    fusion.put(operand, target);
    return { buffer: target, offset: 0 };
  });
  const cluster = new Cluster([]);
  cluster.inside = fusion.planInside({
    control,
    operands: [...carried, ...others],
    targets,
    flag: () => fusion.buffer("bool", 1, { kind: "computed" }),
    constant: ({ dtype, size, source }) => fusion.buffer(dtype, size, source),
  });
  for (const { buffer } of [...carried, ...others]) cluster.waitForAll(buffer.producers);
  fusion.finish(cluster, step, targets);
  return targets;
}

/** Whether a step may throw where no guard has looked before. */
const mayThrowItself = (step: ProgramStep) =>
  step.primitive.mayThrow === true || (step.primitive.guard === undefined && mayRefuse(step));
