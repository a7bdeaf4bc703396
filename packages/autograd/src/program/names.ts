// The engine's primitives and atoms by name: what a saved program is read with, and what a target has to cover.

import type { Atom } from "../expression/atoms/atom.ts";
import * as atomTable from "../expression/atoms/index.ts";
import * as derivedAtoms from "../primitives/derived-atoms.ts";
import * as primitiveTable from "../primitives/table.ts";
import { stopGradient } from "../tape/identity.ts";
import type { Primitive } from "../tape/value.ts";
import { choice } from "./choice.ts";
import { region } from "./region.ts";
import { scan } from "./scan.ts";
import { whileLoop } from "./while.ts";

/** The table's primitives, and those that programs have beside them. */
export type Primitives = typeof primitiveTable & {
  readonly stopGradient: typeof stopGradient;
  readonly region: typeof region;
  readonly scan: typeof scan;
  readonly cond: typeof choice;
  readonly whileLoop: typeof whileLoop;
};
export type Atoms = typeof atomTable & typeof derivedAtoms;

/** The name of a primitive of the engine, as `step.primitive.name` has it. */
export type PrimitiveName = keyof Primitives;

/** The name of an atom of the engine, as `expression.atom.name` has it. */
export type AtomName = keyof Atoms;

export const primitives: ReadonlyMap<string, Primitive> = new Map(
  Object.entries({ ...primitiveTable, stopGradient, region, scan, cond: choice, whileLoop }) as unknown as [
    PrimitiveName,
    Primitive,
  ][],
);
export const atoms: ReadonlyMap<string, Atom> = new Map(
  Object.entries({ ...atomTable, ...derivedAtoms }) as unknown as [AtomName, Atom][],
);
