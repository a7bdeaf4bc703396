// How lanes compute the atoms that take more than a few operations. Kernels alone look here, and the atoms don't lead
// here, so that a bundle without kernels, as one of scalars, carries none of this.

import { powerLog as powerLogAtom, powerSlope as powerSlopeAtom } from "../atoms/arithmetic.ts";
import type { Arity, Atom } from "../atoms/atom.ts";
import * as atoms from "../atoms/index.ts";
import { directionCosine } from "../atoms/plane.ts";
import { erf } from "./erf.ts";
import { erfc } from "./erfc.ts";
import * as exponential from "./exponential.ts";
import * as circular from "./inverse-circular.ts";
import * as hyperbolic from "./inverse-hyperbolic.ts";
import * as logarithm from "./logarithm.ts";
import * as logarithmToBase from "./logarithm-base.ts";
import * as plane from "./plane.ts";
import { pow, powerLog, powerSlope } from "./pow.ts";
import * as trigonometric from "./trigonometric.ts";

type LanesOf<N extends Arity> = NonNullable<Atom<N>["lanes"]>;

const entry = <N extends Arity>(atom: Atom<N>, lanes: LanesOf<N>) =>
  [atom, lanes] as unknown as readonly [Atom, LanesOf<Arity>];

const table: ReadonlyMap<Atom, LanesOf<Arity>> = new Map([
  entry(atoms.exp, exponential.exp),
  entry(atoms.expm1, exponential.expm1),
  entry(atoms.exp2, exponential.exp2),
  entry(atoms.logistic, exponential.logistic),
  entry(atoms.tanh, exponential.tanh),
  entry(atoms.sinh, exponential.sinh),
  entry(atoms.cosh, exponential.cosh),
  entry(atoms.log, logarithm.log),
  entry(atoms.log1p, logarithm.log1p),
  entry(atoms.softplus, logarithm.softplus),
  entry(atoms.logAddExp, logarithm.logAddExp),
  entry(atoms.log2, logarithmToBase.log2),
  entry(atoms.log10, logarithmToBase.log10),
  entry(atoms.xlogy, logarithmToBase.xlogy),
  entry(atoms.pow, pow),
  entry(powerSlopeAtom, powerSlope),
  entry(powerLogAtom, powerLog),
  entry(atoms.sin, trigonometric.sin),
  entry(atoms.cos, trigonometric.cos),
  entry(atoms.tan, trigonometric.tan),
  entry(atoms.asin, circular.asin),
  entry(atoms.acos, circular.acos),
  entry(atoms.atan, circular.atan),
  entry(atoms.atan2, circular.atan2),
  entry(atoms.asinh, hyperbolic.asinh),
  entry(atoms.acosh, hyperbolic.acosh),
  entry(atoms.atanh, hyperbolic.atanh),
  entry(atoms.erf, erf),
  entry(atoms.erfc, erfc),
  entry(atoms.hypot, plane.hypot),
  entry(directionCosine, plane.directionCosine),
]);

/** How lanes compute an atom; undefined where its value is called lane by lane. */
export const lanesOf = (atom: Atom): Atom["lanes"] => atom.lanes ?? table.get(atom);
