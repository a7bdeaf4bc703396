// Tapes for people: what led to some tensors, as text and as a graph.

import { printReadably } from "../array/print.ts";
import { shapeText } from "../array/shape.ts";
import { graphviz } from "../program/drawing.ts";
import { watchedLeaf } from "../tape/leaf.ts";
import { tape } from "../tape/tape.ts";
import { Trace } from "../tape/trace.ts";
import { heldBy, type Step, type Value } from "../tape/value.ts";
import { asTensor, checkTensor, type Tensor } from "../tensor/tensor.ts";

/** One entry of a tape: a leaf, or a step applied to earlier entries. */
export interface Entry {
  readonly index: number;
  /** The primitive's name; for a leaf "variable", "input" or "constant". */
  readonly operation: string;
  /** What the primitive was told beside its inputs: a function's name, a shape, an axis. */
  readonly label: string;
  readonly inputs: readonly number[];
  readonly tensor: Tensor;
}

/** The steps that led to some tensors, oldest first; entries refer only to earlier ones. */
export class Tape {
  readonly entries: readonly Entry[];
  readonly outputs: readonly number[];

  constructor(outputs: readonly Tensor[]) {
    const tensors = tape(outputs.map(heldBy)).map((value): Tensor => asTensor(value));
    const place = new Map<Value, number>(tensors.map((tensor, index) => [tensor, index]));
    this.entries = tensors.map((tensor, index) => ({
      index,
      operation: operationOf(tensor),
      label: labelOf(tensor),
      inputs: tensor.step?.inputs.map((input) => place.get(input)!) ?? [],
      tensor,
    }));
    this.outputs = outputs.map((output) => place.get(heldBy(output))!);
  }

  /** One line an entry: `%3 = map tanh(%2): float32 [4, 2]`. */
  toString(): string {
    const lines = this.entries.map(({ index, operation, label, inputs, tensor }) => {
      const told = label === "" ? "" : ` ${label}`;
      const given = inputs.length === 0 ? "" : `(${inputs.map((input) => `%${input}`).join(", ")})`;
      return `%${index} = ${operation}${told}${given}: ${tensor.dtype} ${shapeText(tensor.shape)}`;
    });
    return [...lines, `return ${this.outputs.map((output) => `%${output}`).join(", ")}`].join("\n");
  }

  /** Graphviz' language: boxes for steps, ellipses for leaves, arrows the way the numbers flow. */
  toDot(): string {
    return graphviz(
      "tape",
      this.entries.map(({ index, operation, label, inputs, tensor }) => ({
        id: index,
        caption: `${[operation, label].filter(Boolean).join(" ")}\n${shapeText(tensor.shape)}`,
        inputs,
        isOutput: this.outputs.includes(index),
      })),
    );
  }

  static {
    printReadably(Tape.prototype);
  }
}

function operationOf(tensor: Tensor): string {
  if (tensor.step !== null) return tensor.step.primitive.name;
  if (tensor.holder !== null) return "variable";
  return tensor.traces === null ? "constant" : "input";
}

function labelOf(tensor: Tensor): string {
  if (tensor.holder !== null && tensor.step === null) return tensor.holder.name;
  const step: Step | null = tensor.step;
  if (step !== null) return step.primitive.label?.(step.attributes) ?? "";
  return tensor.traces === null && tensor.size === 1 ? `${tensor.item()}` : "";
}

function outputsOf(what: unknown, way: string): readonly Tensor[] {
  const outputs = Array.isArray(what) ? what : [what];
  return outputs.map((output) => checkTensor("tapeOf", output, `a tensor belongs; ${way}`));
}

/**
 * The tape of some tensors: what they were made from, as far as a variable or a transform made it be recorded. With a
 * function and its arguments: what it does to them.
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
    const result = (what as (...inputs: Tensor[]) => Tensor | readonly Tensor[])(
      ...inputs.map((input) => asTensor(watchedLeaf(checkTensor("tapeOf", input), trace))),
    );
    return new Tape(outputsOf(result, "the function must return tensors"));
  });
}
