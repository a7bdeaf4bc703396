// What a step's entry in the table is given: where its operands are in the text, and who reads its results.

import type { Atom, ProgramStep, ProgramValue, StepOf } from "@adjoint/autograd";
import type { Elements } from "./atoms/elements.ts";
import type { Emitter } from "./emitter.ts";
import type { Operand } from "./operand.ts";

/** A program inside a step. */
export type InnerProgram = StepOf<"region">["attributes"]["program"];

/** Results of a step in their order; null for one that nobody reads, and that was not made. */
export type Results = readonly (Operand | null)[];

/** Writes a step of an own primitive: the results' names, in order. */
export type OwnStep = (step: ProgramStep, emit: Emitter, operands: readonly Operand[]) => readonly Operand[];

/** Writes an own atom on operands of one shape. */
export type OwnAtom = (elements: Elements, operands: readonly Operand[]) => Operand;

/** How loops whose length is known are written: as `stablehlo.while`, or one step after another. */
export type Loops = "while" | "unroll";

/** What is the same for a whole text. */
export interface Settings {
  readonly loops: Loops;
  readonly own: Readonly<Record<string, OwnStep>>;
  readonly ownAtoms: Readonly<Record<string, OwnAtom>>;
  readonly afterStep: AfterStep;
}

/** What is done with the results of a step before they are used: the place for what belongs to every step. */
export type AfterStep = (step: ProgramStep, results: Results) => Results;

export interface Context {
  readonly emit: Emitter;
  readonly settings: Settings;
  /** A value that has been made. */
  of(value: ProgramValue): Operand;
  isRead(value: ProgramValue): boolean;
  /** The wanted outputs of a program inside a step, for inputs that stand in the text; null for the others. */
  inside(program: InnerProgram, inputs: readonly Operand[], isWanted: (output: number) => boolean): Results;
  /** What an own atom becomes. */
  atom(atom: Atom, elements: Elements, operands: readonly Operand[]): Operand;
}
