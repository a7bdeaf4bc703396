// Fusion: decides which values are computed together. Each value, in order, joins a cluster that computes one
// of its operands, if it walks the same space in the same order and none of its other operands depends on
// that cluster. Otherwise it begins a cluster. What a family of operations does stands in a file of families/.

import { sizeOf } from "../array/shape.ts";
import type { ProgramValue } from "../program/parts.ts";
import type { Lowering } from "../tape/lowering.ts";
import type { Buffer, Source } from "./cluster.ts";
import { elements } from "./families/elements.ts";
import { parts, scattered } from "./families/parts.ts";
import { product } from "./families/product.ts";
import { reduction } from "./families/reduction.ts";
import { rows } from "./families/rows.ts";
import { control, host } from "./families/whole.ts";
import type { Fused, Fusible, Placed, PlanInside } from "./fused.ts";
import { Fusion } from "./fusion.ts";
import { reshaped, viewed } from "./layout.ts";
import { joinSiblings } from "./siblings.ts";

/**
 * Returns the value with size 1 along each axis that repeats the same elements, so that each element is there once.
 */
function withoutRepeats({ shape, layout, ...rest }: Placed): Placed {
  const repeats = layout.axes.map((factors) => factors.every(({ stride }) => stride === 0));
  return {
    ...rest,
    shape: shape.map((size, axis) => (repeats[axis] && size > 0 ? 1 : size)),
    layout: { ...layout, axes: layout.axes.map((factors, axis) => (repeats[axis] ? [] : factors)) },
  };
}

/** Fuses a program. `sources` says where inputs come from that are inputs of a program inside a step. */
export function fuse(
  program: Fusible,
  planInside: PlanInside,
  sources: ReadonlyMap<ProgramValue, Source> = new Map(),
): Fused {
  const fusion = new Fusion(program, planInside);
  const placed = new Map<ProgramValue, Placed>();
  for (const value of program.values) {
    const { origin } = value;
    if (origin.kind !== "step") placed.set(value, fusion.outside(value, sources.get(value) ?? origin));
    else
      placed.set(
        value,
        computed(
          fusion,
          value,
          origin.step.inputs.map((operand) => placed.get(operand)!),
        ),
      );
  }
  const results = program.results.map((value) => fusion.kept(placed.get(value)!));
  const targets = new Set<Buffer>();
  const own = (value: ProgramValue) => {
    const buffer = fusion.rowMajor(placed.get(value)!, targets);
    targets.add(buffer);
    return buffer;
  };
  const outcomes = program.outcomes.map(({ variable, value, grad }) => ({
    variable,
    value: value === undefined ? undefined : own(value),
    grad: grad == null ? grad : own(grad),
  }));
  const guards = program.guards.map(({ numbers, look, mayDiffer }) => {
    const cluster = fusion.hostCluster([withoutRepeats(placed.get(numbers)!)], [], ([array]) => {
      look(array!);
      return [];
    });
    cluster.host = { ...cluster.host!, mayDiffer };
    cluster.labels.push("look");
    return cluster;
  });
  return { clusters: joinSiblings(fusion.clusters.all), buffers: fusion.buffers, results, outcomes, guards };
}

/** Places a value that a step makes. */
function computed(fusion: Fusion, value: ProgramValue, operands: readonly Placed[]): Placed {
  if (value.origin.kind !== "step") throw new Error("what is computed must come from a step");
  const { primitive, attributes } = value.origin.step;
  const isEmpty = sizeOf(value.shape) === 0 || operands.some(({ shape }) => sizeOf(shape) === 0);
  const lowering: Lowering<unknown> | null = isEmpty
    ? null
    : (primitive.lowering?.(attributes, operands, value) ?? null);
  switch (lowering?.family) {
    case "view":
      return fusion.viewed(value, operands[0]!, ({ layout, shape }) =>
        viewed(layout, lowering.view, shape, value.shape),
      );
    case "regroup":
      return fusion.viewed(value, operands[0]!, ({ layout }) => reshaped(layout, value.shape));
    case "elements":
      return elements(fusion, value, lowering, operands);
    case "reduction":
      return reduction(fusion, value, lowering, operands[0]!);
    case "product":
      return product(fusion, value, lowering.gated, operands);
    case "parts":
      return parts(fusion, value, lowering, operands);
    case "scatter":
      return scattered(fusion, value, lowering.axis, operands);
    case "control":
      return control(fusion, value, lowering.control, operands);
    case "running": {
      const { combine, axis, reverse } = lowering;
      const isLate = combine === "affine" && reverse;
      return rows(fusion, value, { combine, isLate }, axis, reverse, operands);
    }
    case "order":
      return rows(fusion, value, { descending: lowering.descending }, lowering.axis, false, operands);
    case undefined:
      return host(fusion, value, operands);
  }
}
