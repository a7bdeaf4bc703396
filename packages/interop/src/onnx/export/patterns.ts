// Several steps that are one operator of ONNX: softmax, convolution, pooling.

import type { DType, ProgramStep, ProgramValue } from "@adjoint/autograd";
import type { ElementType } from "./encode.ts";
import type { Emission } from "./emission.ts";
import type { Element } from "./writer.ts";

/** An operator in the place of steps: what it is made of, and how it is emitted. */
export interface Pattern {
  readonly operands: readonly ProgramValue[];
  readonly emit: (emission: Emission) => Element;
}

/** The operator that the steps that end in this one are together; undefined where they are none. */
export function patternAt(
  _step: ProgramStep,
  _typeOf: (dtype: DType) => ElementType,
): Pattern | undefined {
  return undefined;
}
