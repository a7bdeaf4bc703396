// Steps that hold programs: one that is called is written out, a choice is If, a repetition Scan or Loop.

import type { ProgramValue, StepTable } from "@adjoint/autograd";
import type { Emission, Emitted } from "./emission.ts";
import type { Graph, Port } from "./encode.ts";
import { dimensionOf, fixed, sameSize } from "./sizes.ts";
import type { Twins } from "./twins.ts";
import type { Element } from "./writer.ts";

/** What some outputs of a program inside become, with their shapes. */
function outcomes(
  emission: Emission,
  twins: Twins,
  inputs: readonly Element[],
  wanted: readonly ProgramValue[],
) {
  const made = emission.setting.emitBody(emission.setting, twins, inputs, wanted);
  return made.map((element, i) => ({ ...element, shape: twins.shape(wanted[i]!).map(dimensionOf) }));
}

/** The inputs of a graph within a node, which stand for those of a program. */
const portsOf = ({ writer, setting }: Emission, twins: Twins, count: number): readonly Port[] =>
  twins.body.inputs.slice(0, count).map((value) => ({
    name: writer.fresh(),
    type: setting.typeOf(value.dtype),
    shape: twins.shape(value).map(dimensionOf),
  }));

type Control = "region" | "cond" | "whileLoop" | "scan";

export const controlSteps = (emission: Emission): Pick<StepTable<Emitted>, Control> => ({
  region(step) {
    const inner = emission.twins.inner(step, ({ attributes }) => attributes.program);
    const isNeeded = step.outputs.map((output) => emission.isNeeded(output));
    const wanted = inner.body.outputs.filter((_, i) => isNeeded[i]);
    const made = emission.setting.emitBody(emission.setting, inner, emission.takeAll(step.inputs), wanted);
    let next = 0;
    return isNeeded.map((is) => (is ? made[next++]! : null));
  },
  cond(step) {
    const { writer, twins } = emission;
    const [condition, ...inputs] = emission.takeAll(step.inputs);
    const branch = (name: string, inner: Twins): Graph =>
      writer.inner(name, [], () => outcomes(emission, inner, inputs, inner.body.outputs));
    const types = step.outputs.map((output) => emission.typeOf(output));
    return writer.several("If", [condition!.name], types, {
      then_branch: {
        graph: branch(
          "then",
          twins.inner(step, ({ attributes }) => attributes.onTrue),
        ),
      },
      else_branch: {
        graph: branch(
          "otherwise",
          twins.inner(step, ({ attributes }) => attributes.onFalse),
        ),
      },
    });
  },
  whileLoop(step) {
    const { writer, twins, setting } = emission;
    const { carries } = step.attributes;
    const condition = twins.inner(step, ({ attributes }) => attributes.condition);
    const body = twins.inner(step, ({ attributes }) => attributes.body);
    const inputs = emission.takeAll(step.inputs);
    const shared = inputs.slice(carries);
    const [goesOn] = setting.emitBody(setting, condition, inputs, condition.body.outputs);
    const ports = portsOf(emission, body, carries);
    const around: readonly Port[] = [
      { name: writer.fresh(), type: "int64", shape: [] },
      { name: writer.fresh(), type: "bool", shape: [] },
    ];
    const graph = writer.inner("repeated", [...around, ...ports], () => {
      const next = outcomes(emission, body, [...ports, ...shared], body.body.outputs);
      return [...outcomes(emission, condition, [...next, ...shared], condition.body.outputs), ...next];
    });
    const types = step.outputs.map((output) => emission.typeOf(output));
    // Without a largest number of times.
    return writer.several(
      "Loop",
      ["", goesOn!.name, ...inputs.slice(0, carries).map(({ name }) => name)],
      types,
      { body: { graph } },
    );
  },
  scan(step) {
    const { writer, twins } = emission;
    const { carries, scanned, reverse } = step.attributes;
    const inner = twins.inner(step, ({ attributes }) => attributes.body);
    const inputs = emission.takeAll(step.inputs);
    const [length] = emission.sizes(step, ({ attributes }) => [attributes.length]);
    const isNeeded = step.outputs.map((output, i) => i < carries || emission.isNeeded(output));
    if (sameSize(length!, fixed(0)))
      return step.outputs.map((output, i) =>
        i < carries ? inputs[i]! : emission.filled(0, emission.shape(output), emission.typeOf(output)),
      );
    const ports = portsOf(emission, inner, carries + scanned);
    // Where nothing is scanned, the operator still learns from an operand how often it repeats.
    const counts = scanned === 0 ? [emission.filled(0, [length!], "int64")] : [];
    const extra = counts.map(({ type }): Port => ({ name: writer.fresh(), type, shape: [] }));
    const wanted = inner.body.outputs.filter((_, i) => isNeeded[i]);
    const body = writer.inner("at_each_place", [...ports, ...extra], () =>
      outcomes(emission, inner, [...ports, ...inputs.slice(carries + scanned)], wanted),
    );
    const operands = [...inputs.slice(0, carries + scanned), ...counts];
    const direction = (n: number) => ({ ints: new Array<number>(n).fill(Number(reverse)) });
    const parts = wanted.length - carries;
    const outputs = step.outputs.filter((_, i) => isNeeded[i]);
    const made = writer.several(
      "Scan",
      operands.map(({ name }) => name),
      outputs.map((output) => emission.typeOf(output)),
      {
        body: { graph: body },
        num_scan_inputs: { int: Math.max(scanned, 1) },
        ...(reverse
          ? {
              scan_input_directions: direction(Math.max(scanned, 1)),
              ...(parts > 0 ? { scan_output_directions: direction(parts) } : {}),
            }
          : {}),
      },
    );
    let next = 0;
    return isNeeded.map((is) => (is ? made[next++]! : null));
  },
});
