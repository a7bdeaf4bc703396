// A recorded program as the text of a StableHLO module.

import type { Program, ProgramValue, Variable } from "@adjoint/autograd";
import { emitBody } from "./body.ts";
import type { Loops, OwnAtom, OwnStep } from "./context.ts";
import { Emitter, type Operand } from "./emitter.ts";
import { argumentName, functionText, moduleText, type Place } from "./signature.ts";
import { elementTypeOf } from "./types.ts";

/** The options of `toStableHLO`. */
export interface StableHLOOptions {
  /**
   * How loops whose length is known become text: `"while"` (default) as a `stablehlo.while` of a few lines, `"unroll"`
   * place after place, which some compilers make faster code of, and which grows with the length. `whileLoop`, whose
   * length nobody knows, is a `stablehlo.while` in both.
   */
  readonly loops?: Loops;
  /** What own primitives are, by name: a function that writes operations and gives the results. */
  readonly own?: Readonly<Record<string, OwnStep>>;
  /** What own atoms are, by name: a function of elements. */
  readonly ownAtoms?: Readonly<Record<string, OwnAtom>>;
}

/** The variables of a program whose numbers are arguments, and those that have new ones in the end. */
function stateOf(program: Program): {
  readonly given: readonly Variable[];
  readonly left: readonly { readonly variable: Variable; readonly value: ProgramValue }[];
} {
  const read = new Set<unknown>();
  for (const { origin } of program.values) {
    if (origin.kind === "variable") read.add(origin.variable.face);
    if (origin.kind === "gradient")
      throw new TypeError(
        `toStableHLO: the program reads the gradient of ${named(origin.variable.face as Variable)}, which is no argument of a StableHLO function; compute gradients in the program, e.g. with grad or valueAndGrad`,
      );
  }
  const values = new Map<unknown, ProgramValue>();
  for (const { variable, value, grad } of program.outcomes) {
    if (value !== undefined) values.set(variable.face, value);
    if (grad != null)
      throw new TypeError(
        `toStableHLO: the program leaves a gradient in ${named(variable.face as Variable)}, and a StableHLO function has results only; return gradients, e.g. with grad or valueAndGrad, or end with zeroGrad`,
      );
  }
  const given = program.variables.filter((variable) => read.has(variable) || values.has(variable));
  const left = given.flatMap((variable) => {
    const value = values.get(variable);
    return value === undefined ? [] : [{ variable, value }];
  });
  return { given, left };
}

const named = ({ name }: Variable) => (name === "" ? "a variable" : `variable ${JSON.stringify(name)}`);

const described = ({ shape, dtype }: Pick<ProgramValue, "shape" | "dtype">) => ({
  shape,
  type: elementTypeOf(dtype),
});

function checkOptions({ loops = "while", ...others }: StableHLOOptions): void {
  if (loops !== "while" && loops !== "unroll")
    throw new TypeError(
      `toStableHLO: loops is ${JSON.stringify(loops)}; say "while", or "unroll" for one place after another`,
    );
  const odd = Object.keys(others).find((name) => name !== "own" && name !== "ownAtoms");
  if (odd !== undefined)
    throw new TypeError(`toStableHLO: there is no option "${odd}"; the options are loops, own and ownAtoms`);
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
 * Throws TypeError for a program that reads or leaves gradients in variables, RangeError for a primitive or an atom that is not
 * the engine's and that the options don't state. The format: https://openxla.org/stablehlo/spec
 */
export function toStableHLO(program: Program, options: StableHLOOptions = {}): string {
  checkOptions(options);
  const { loops = "while", own = {}, ownAtoms = {} } = options;
  const { given, left } = stateOf(program);
  const emit = new Emitter();
  const argument = (place: number, value: Pick<ProgramValue, "shape" | "dtype">): Operand => ({
    name: argumentName(place),
    ...described(value),
  });
  const inputs = program.inputs.map((input, i) => argument(i, input));
  const held = new Map<unknown, Operand>(
    given.map((variable, i) => [variable, argument(inputs.length + i, variable)]),
  );
  const wanted = [...program.outputs, ...left.map(({ value }) => value)];
  const results = emitBody(
    emit,
    { loops, own, ownAtoms, afterStep: (_step, made) => made },
    program,
    wanted,
    ({ origin }) => {
      if (origin.kind === "argument") return inputs[origin.place]!;
      return origin.kind === "variable" ? held.get(origin.variable.face)! : null;
    },
  );
  const donated = new Map<Variable, number>(
    left.map(({ variable }, i) => [variable, program.outputs.length + i]),
  );
  const args: Place[] = [
    ...inputs.map((type) => ({ type, attributes: {} })),
    ...given.map((variable) => {
      const result = donated.get(variable);
      const attributes = result === undefined ? {} : { "tf.aliasing_output": `${result} : i32` };
      return { type: described(variable), attributes };
    }),
  ];
  const places = results.map((type) => ({ type, attributes: {} }));
  const notes = given.map((variable, i) => {
    const place = argumentName(inputs.length + i);
    const result = donated.get(variable);
    return `${place} is ${named(variable)}${result === undefined ? "" : `, whose new numbers are result ${result}`}`;
  });
  const module = { "mhlo.num_partitions": "1 : i32", "mhlo.num_replicas": "1 : i32" };
  return moduleText("adjoint", module, notes, [
    functionText(args, places, emit.lines, results),
    ...emit.functions.values(),
  ]);
}
