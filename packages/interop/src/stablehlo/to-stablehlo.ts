// A recorded program as the text of a StableHLO module.

import type { Program, ProgramValue } from "@adjoint/autograd";
import { emitBody } from "./body.ts";
import type { AfterStep, Loops, OwnAtom, OwnStep } from "./context.ts";
import { Emitter } from "./emitter.ts";
import type { Operand } from "./operand.ts";
import type { NamedPlace, StatePlace } from "./places.ts";
import { checkSharding, devicesOf, meshText, type Sharding, shardingText } from "./sharding.ts";
import { layoutOf, type MeshOptions } from "./shardings.ts";
import { type Attributes, argumentName, functionText, moduleText, type Place } from "./signature.ts";
import { elementTypeOf, tensorType } from "./types.ts";

/** The options of `toStableHLO`. */
export interface StableHLOOptions extends MeshOptions {
  /**
   * How loops whose length is known become text: `"while"` (default) as a `stablehlo.while` of a few lines, `"unroll"`
   * step after step, which some compilers make faster code of, and which grows with the length. `whileLoop`, whose
   * length is not known, is a `stablehlo.while` in both.
   */
  readonly loops?: Loops;
  /** What own primitives are, by name: a function that writes operations and gives the results. */
  readonly own?: Readonly<Record<string, OwnStep>>;
  /** What own atoms are, by name: a function of elements. */
  readonly ownAtoms?: Readonly<Record<string, OwnAtom>>;
}

const described = ({ shape, dtype }: Pick<ProgramValue, "shape" | "dtype">) => ({
  shape,
  type: elementTypeOf(dtype),
});

const attributeOf = (sharding: Sharding | null): Attributes =>
  sharding === null ? {} : { "sdy.sharding": `#sdy.sharding${shardingText(sharding)}` };

/** Holds the results of steps to what is said of them. */
const constrained =
  (emit: Emitter, { mesh, shardings: { values } = {} }: StableHLOOptions): AfterStep =>
  (step, results) => {
    if (mesh === undefined || values === undefined) return results;
    return results.map((result, i) => {
      const value = step.outputs[i]!;
      const sharding = values(value, step);
      if (result === null || sharding == null) return result;
      const what = `value %${value.id}, a result of ${step.primitive.name}`;
      checkSharding("toStableHLO", mesh, sharding, { ...value, what });
      const text = `sdy.sharding_constraint ${result.name} ${shardingText(sharding)} : ${tensorType(result)}`;
      return emit.value(text, result.type, result.shape);
    });
  };

function checkOptions({ loops = "while", ...others }: StableHLOOptions): void {
  if (loops !== "while" && loops !== "unroll")
    throw new TypeError(
      `toStableHLO: loops is ${JSON.stringify(loops)}; say "while", or "unroll" for one step after another`,
    );
  const known = ["own", "ownAtoms", "mesh", "shardings", "names", "holder"];
  const odd = Object.keys(others).find((name) => !known.includes(name));
  if (odd !== undefined)
    throw new TypeError(
      `toStableHLO: there is no option "${odd}"; the options are loops, ${known.slice(0, -1).join(", ")} and ${known.at(-1)}`,
    );
}

/**
 * A recorded program as the text of a StableHLO module, which XLA and everything built on it compile. The module's function,
 * `main`, takes the program's inputs in their order and then what the variables hold that the program reads or assigns, in the
 * order of `program.variables`; it gives the outputs and then what the variables that are assigned hold in the end. The
 * argument of such a variable is donated: its buffer is that of the result (`tf.aliasing_output`). Shapes and element types are
 * those of the tensors: float32 as f32, float64 as f64, int32 as i32, bool as i1.
 *
 * The semantics are Adjoint's. Random draws have the same bits, by integer operations. Sums of float32 are kept in float64 and
 * rounded once. In products of derivatives a zero is stronger than infinity and NaN. Elementary functions and the order of
 * sums are XLA's, so that last digits differ: on the CPU by less than ten ulps for each atom. XLA may also join constants of a
 * chain of sums, and a product and a sum into one operation; and its CPU takes numbers below the least normal one for 0.
 *
 * What Adjoint checks when a program runs, XLA can't refuse: a `guard` lets everything pass; an index outside of its axis reads
 * NaN (int32: −2³¹, bool: true), adds nothing in `scatterAdd`, and is a row of zeros in `oneHot`.
 *
 * With a `mesh` the program is for several devices, by Shardy's attributes: arguments and results are split as `shardings` say,
 * and XLA's partitioner finds out the rest.
 *
 * Throws RangeError for a sharding that can't be, TypeError for a program that reads or leaves gradients in variables, RangeError for a primitive or an atom that is not
 * the engine's and that the options don't state. The format: OpenXLA (2022),
 * [StableHLO specification](https://openxla.org/stablehlo/spec).
 */
export function toStableHLO(program: Program, options: StableHLOOptions = {}): string {
  checkOptions(options);
  const { loops = "while", own = {}, ownAtoms = {} } = options;
  const { mesh, inputs: given, state, outputs } = layoutOf("toStableHLO", program, options);
  const emit = new Emitter();
  const argument = (place: number, value: NamedPlace): Operand => ({
    name: argumentName(place),
    ...described(value),
  });
  const inputs = given.map((input, i) => argument(i, input));
  const held = new Map<unknown, Operand>(
    state.map((each, i) => [each.variable, argument(inputs.length + i, each)]),
  );
  const assigned = state.filter(({ left }) => left !== undefined);
  const results = emitBody(
    emit,
    { loops, own, ownAtoms, afterStep: constrained(emit, options) },
    program,
    [...program.outputs, ...assigned.map(({ left }) => left!)],
    ({ origin }) => {
      if (origin.kind === "argument") return inputs[origin.place]!;
      return origin.kind === "variable" ? held.get(origin.variable.face)! : null;
    },
  );
  const resultOf = (each: StatePlace) =>
    each.left === undefined
      ? null
      : outputs.length + assigned.findIndex(({ variable }) => variable === each.variable);
  const place = (value: NamedPlace & { sharding: Sharding | null }, attributes: Attributes = {}): Place => ({
    type: described(value),
    attributes: { ...attributeOf(value.sharding), ...attributes },
  });
  const args = [
    ...given.map((each) => place(each)),
    ...state.map((each) => {
      const result = resultOf(each);
      return place(each, result === null ? {} : { "tf.aliasing_output": `${result} : i32` });
    }),
  ];
  const notes = state.map((each, i) => {
    const result = resultOf(each);
    const what = each.name === "" ? "a variable" : `variable ${JSON.stringify(each.name)}`;
    return `${argumentName(inputs.length + i)} is ${what}${result === null ? "" : `, whose new numbers are result ${result}`}`;
  });
  const module = {
    "mhlo.num_partitions": `${mesh === null ? 1 : devicesOf(mesh)} : i32`,
    "mhlo.num_replicas": "1 : i32",
  };
  return moduleText("adjoint", module, notes, [
    ...(mesh === null ? [] : [meshText(mesh)]),
    functionText(
      args,
      [...outputs, ...assigned].map((each) => place(each)),
      emit.lines,
      results,
    ),
    ...emit.functions.values(),
  ]);
}
