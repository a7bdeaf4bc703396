// Steps along an axis in which each place builds on the one before: a running sum is an operator, the others are loops.

import type { ProgramStep, ProgramValue, StepTable } from "@adjoint/autograd";
import type { Arithmetic } from "./arithmetic.ts";
import type { Emission, Emitted } from "./emission.ts";
import type { Port } from "./encode.ts";
import { dimensionOf, fixed, sameSize } from "./sizes.ts";
import type { Element } from "./writer.ts";

interface Loop {
  readonly axis: number;
  readonly reverse: boolean;
  /** What the first place builds on. */
  readonly first: number;
  /** What the next place builds on, and the result at this one. */
  readonly next: (e: Arithmetic, state: Element, parts: readonly Element[]) => readonly [Element, Element];
}

/** A loop of its own along an axis. */
function along(
  emission: Emission,
  { inputs, outputs }: ProgramStep,
  { axis, reverse, first, next }: Loop,
): Element {
  const { writer } = emission;
  const y = outputs[0]!;
  const whole = emission.shape(y);
  const operands = emission.takeAll(inputs);
  // A loop over nothing has no shapes of its own.
  if (sameSize(whole[axis]!, fixed(0))) return operands[0]!;
  const e = emission.arithmetic(y);
  const shape = whole.toSpliced(axis, 1);
  const port = (value: ProgramValue): Port => ({
    name: writer.fresh(),
    type: emission.typeOf(value),
    shape: shape.map(dimensionOf),
  });
  const ports = [port(y), ...inputs.map(port)];
  const body = writer.inner("along", ports, () => {
    const [state, ...parts] = ports;
    return next(e, state!, parts).map((each) => ({ ...each, shape: shape.map(dimensionOf) }));
  });
  const start = emission.filled(first, shape, e.type);
  const each = (value: number) => ({ ints: inputs.map(() => value) });
  return writer.several("Scan", [start.name, ...operands.map(({ name }) => name)], [e.type, e.type], {
    body: { graph: body },
    num_scan_inputs: { int: inputs.length },
    scan_input_axes: each(axis),
    scan_output_axes: { ints: [axis] },
    scan_input_directions: each(Number(reverse)),
    scan_output_directions: { ints: [Number(reverse)] },
  })[1]!;
}

const gated = (e: Arithmetic, a: Element, b: Element) =>
  e.where(e.or(e.equal(a, 0), e.equal(b, 0)), 0, e.mul(a, b));

/** What is below every element of a type. */
const LEAST = { float32: -Infinity, float64: -Infinity, int32: -(2 ** 31), bool: 0 } as const;

type Running = "cumsum" | "cumprod" | "cummax" | "recurrence";

export const runningSteps = (emission: Emission): Pick<StepTable<Emitted>, Running> => ({
  cumsum: ({ inputs: [x], outputs: [y], attributes: { axis, reverse } }) =>
    emission.writer.add(
      "CumSum",
      [emission.take(x!).name, emission.writer.scalar("int64", axis).name],
      emission.typeOf(y!),
      { reverse: { int: Number(reverse) } },
    ),
  cumprod: (step) =>
    along(emission, step, {
      ...{ axis: step.attributes.axis, reverse: false, first: 1 },
      next(e, state, [x]) {
        const product = e.mul(state, x!);
        return [product, product];
      },
    }),
  cummax: (step) =>
    along(emission, step, {
      ...{ axis: step.attributes.axis, reverse: false, first: LEAST[step.inputs[0]!.dtype] },
      next(e, state, [x]) {
        const largest = e.type === "bool" ? e.or(state, x!) : e.max(state, x!);
        return [largest, largest];
      },
    }),
  recurrence: (step) =>
    along(emission, step, {
      ...{ axis: step.attributes.axis, reverse: step.attributes.reverse, first: 0 },
      next(e, state, [a, b]) {
        if (!step.attributes.reverse) {
          const y = e.add(gated(e, a!, state), b!);
          return [y, y];
        }
        // Backwards a factor belongs to the place that comes next.
        const y = e.add(state, b!);
        return [gated(e, a!, y), y];
      },
    }),
});
