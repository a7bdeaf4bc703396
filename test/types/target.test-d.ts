// Tables of targets as types: a table that lacks a name is no table, and each entry knows its step's attributes.

import type { AtomName, AtomTable, ElementwiseFunction, PrimitiveName, StepTable } from "@adjoint/autograd";
import { describe, expectTypeOf, test } from "vitest";

declare const steps: StepTable<string>;
declare const atoms: AtomTable<string>;

/** The names without which a table is one all the same. */
type Dispensable<Table> = {
  [Name in keyof Table]: Omit<Table, Name> extends Table ? Name : never;
}[keyof Table];

describe("a target's table", () => {
  test("is none without an entry for every primitive of the engine, and a default", () => {
    expectTypeOf<Dispensable<StepTable<string>>>().toBeNever();
    expectTypeOf<keyof StepTable<string>>().toEqualTypeOf<PrimitiveName | "default">();
    expectTypeOf<"map" | "matmul" | "guarded" | "splitKey" | "constantIn">().toExtend<PrimitiveName>();
    // @ts-expect-error Property 'matmul' is missing
    const _lacking: StepTable<string> = (({ matmul: _, ...rest }) => rest)(steps);
  });

  test("is none without an entry for every atom of the engine, a default, and one for constants", () => {
    expectTypeOf<Dispensable<AtomTable<string>>>().toBeNever();
    expectTypeOf<keyof AtomTable<string>>().toEqualTypeOf<AtomName | "default" | "constant">();
    expectTypeOf<"tanh" | "gate" | "powerSlope" | "lacking">().toExtend<AtomName>();
    // @ts-expect-error Property 'powerSlope' is missing
    const _lacking: AtomTable<string> = (({ powerSlope: _, ...rest }) => rest)(atoms);
  });

  test("has no entry for what the engine does not have", () => {
    // @ts-expect-error 'matrixProduct' does not exist
    const _more: StepTable<string> = { ...steps, matrixProduct: () => "" };
    // @ts-expect-error 'tanhyp' does not exist
    const _others: AtomTable<string> = { ...atoms, tanhyp: () => "" };
  });

  test("has entries that know the attributes of their steps, and the operands of their atoms", () => {
    type Attributes<Name extends PrimitiveName> = Parameters<StepTable<string>[Name]>[0]["attributes"];
    expectTypeOf<Attributes<"map">>().toEqualTypeOf<{ readonly fn: ElementwiseFunction }>();
    expectTypeOf<Attributes<"permute">>().toEqualTypeOf<{ readonly order: readonly number[] }>();
    expectTypeOf<Attributes<"matmul">>().toEqualTypeOf<null>();
    expectTypeOf<Parameters<AtomTable<string>["tanh"]>>().toEqualTypeOf<[string]>();
    expectTypeOf<Parameters<AtomTable<string>["select"]>>().toEqualTypeOf<[string, string, string]>();
  });
});
