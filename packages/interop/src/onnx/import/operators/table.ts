// All operators that are read, by kind.

import { refuse } from "../onnx-error.ts";
import { activations } from "./activations.ts";
import { arithmetic } from "./arithmetic.ts";
import { attention } from "./attention.ts";
import { casts } from "./casts.ts";
import { constants } from "./constants.ts";
import { controlFlow } from "./control-flow.ts";
import { convolutions } from "./convolution.ts";
import { indexing } from "./indexing.ts";
import { logic } from "./logic.ts";
import { losses } from "./losses.ts";
import { normalizations } from "./normalization.ts";
import type { Operator, Operators } from "./operator.ts";
import { pooling } from "./pooling.ts";
import { products } from "./products.ts";
import { recurrent } from "./recurrent.ts";
import { reductions } from "./reductions.ts";
import { resizing } from "./resize.ts";
import { rotary } from "./rotary.ts";
import { scattering } from "./scattering.ts";
import { selection } from "./selection.ts";
import { shapes } from "./shape.ts";
import { slicing } from "./slicing.ts";
import { trigonometry } from "./trigonometry.ts";

/** The oldest version of the operator set that is read. Operators whose older forms are not read say since when they are. */
export const OLDEST = 1;
/** The newest version that is read: what later ones change is not known yet. */
export const NEWEST = 27;

/** The operators that are read, by kind. */
export const kinds: Readonly<Record<string, Operators>> = {
  arithmetic,
  trigonometry,
  logic,
  activations,
  "matrix products": products,
  reductions,
  convolution: convolutions,
  pooling,
  resizing,
  normalisation: normalizations,
  recurrence: recurrent,
  attention: { ...attention, ...rotary },
  shape: { ...shapes, ...slicing },
  indexing: { ...indexing, ...scattering },
  "order and selection": selection,
  types: casts,
  constants,
  "control flow": controlFlow,
  losses,
};

const byName = new Map(Object.values(kinds).flatMap((operators) => Object.entries(operators)));

/** The operator of a name. Throws OnnxError where it is not read, or not there in this version. */
export function operatorOf(name: string, domain: string, opset: number, place: string): Operator {
  const operator = domain === "" ? byName.get(name) : undefined;
  if (operator === undefined)
    return refuse(
      `${place}: the operator ${domain === "" ? "" : `${domain}.`}${name} is not read; the operators that are: see the table in the README of @adjoint/interop`,
    );
  const { since, until = NEWEST } = operator;
  if (opset < since || opset > until)
    return refuse(
      `${place}: ${name} is read in the versions ${since} to ${until} of the operator set, and the file says ${opset}`,
    );
  return operator;
}
