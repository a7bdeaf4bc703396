// Tapes for people: the memory of live tensors, read back as a program.

import { printReadably } from "../array/print.ts";
import type { Origin, ProgramStep, ProgramValue } from "../program/parts.ts";
import { Program } from "../program/program.ts";
import { takenApart } from "../program/record.ts";
import type { Cell } from "../tape/cell.ts";
import { watchedLeaf } from "../tape/leaf.ts";
import { tape } from "../tape/tape.ts";
import { Trace } from "../tape/trace.ts";
import { heldBy, type Step, type Value } from "../tape/value.ts";
import { asTensor, checkTensor, type Tensor } from "../tensor/tensor.ts";

/**
 * The program that led to some tensors. It can be printed, drawn, saved, and run again with what its variables hold by then.
 * Its inputs are what a transform watches. A variable that has been assigned since is a constant in it.
 */
export class Tape extends Program {
  /** The tensors that are on the tape, in the order of `values`. `gradients(loss, tape.tensors[3])` asks for one's cotangent. */
  readonly tensors: readonly Tensor[];

  constructor(results: readonly Tensor[], given: readonly Tensor[] = []) {
    const tensors = withSiblings(tape([...results, ...given].map(heldBy)));
    const values: ProgramValue[] = [];
    const inputs: ProgramValue[] = [];
    const inputTensors: Tensor[] = [];
    const known = new Map<Value, ProgramValue>();
    const steps = new Map<Step, ProgramStep & { outputs: ProgramValue[] }>();
    const stepOf = (step: Step): ProgramStep & { outputs: ProgramValue[] } => {
      let one = steps.get(step);
      if (one === undefined) {
        const { primitive, attributes } = step;
        const operands = step.inputs.map((input) => known.get(input)!);
        steps.set(step, (one = { primitive, attributes, inputs: operands, outputs: [] }));
      }
      return one;
    };
    for (const tensor of tensors) {
      const { shape, dtype } = tensor;
      const add = (origin: Origin): ProgramValue => {
        const value = { id: values.length, shape, dtype, origin };
        values.push(value);
        known.set(tensor, value);
        return value;
      };
      if (tensor.step !== null) {
        const step = stepOf(tensor.step);
        step.outputs.push(add({ kind: "step", step, output: step.outputs.length }));
      } else if (tensor.holder !== null) {
        const variable = tensor.holder as Cell;
        const isCurrent = variable.value === tensor;
        add(
          isCurrent
            ? { kind: "variable", variable }
            : { kind: "constant", array: tensor.array, was: variable },
        );
      } else if (tensor.traces === null) add({ kind: "constant", array: tensor.array });
      else {
        inputs.push(add({ kind: "argument", place: inputs.length }));
        inputTensors.push(tensor);
      }
    }
    super({
      values,
      inputs,
      outputs: results.map((result) => known.get(heldBy(result))!),
      outcomes: [],
      inputForm: takenApart("tapeOf", inputTensors).form,
      outputForm: takenApart("tapeOf", results.length === 1 ? results[0] : results).form,
    });
    this.tensors = tensors;
  }

  static {
    printReadably(Tape.prototype);
  }
}

/** The same tensors, and with each of them the other outputs of its step. */
function withSiblings(values: readonly Value[]): readonly Tensor[] {
  const all = new Set(values);
  for (const { step } of values) for (const output of step?.outputs ?? []) all.add(output);
  const inOrder = all.size === values.length ? values : [...all].sort((a, b) => a.serial - b.serial);
  return inOrder.map((value) => asTensor(value));
}

function outputsOf(what: unknown, way: string): readonly Tensor[] {
  const outputs = Array.isArray(what) ? what : [what];
  return outputs.map((output) => checkTensor("tapeOf", output, `a tensor belongs; ${way}`));
}

/**
 * The tape of some tensors: what they were made from, as far as it was recorded for a variable or a transform. Given a
 * function and its arguments, the tape of that call. The tensors of the tape keep their shapes. Throws TypeError where
 * something is no tensor.
 */
export function tapeOf(outputs: Tensor | readonly Tensor[]): Tape;
export function tapeOf(
  f: (...inputs: never[]) => Tensor | readonly Tensor[],
  ...inputs: readonly Tensor[]
): Tape;
export function tapeOf(
  what: Tensor | readonly Tensor[] | ((...inputs: never[]) => Tensor | readonly Tensor[]),
  ...inputs: readonly Tensor[]
): Tape {
  if (typeof what !== "function")
    return new Tape(outputsOf(what, "give tensors, or a function and its arguments"));
  const trace = new Trace();
  return trace.during(() => {
    const given = inputs.map((input) => asTensor(watchedLeaf(checkTensor("tapeOf", input), trace)));
    const result = (what as (...inputs: Tensor[]) => Tensor | readonly Tensor[])(...given);
    // Also those that nothing was made from: they keep their places among the arguments.
    return new Tape(outputsOf(result, "the function must return tensors"), given);
  });
}
