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

export function toStableHLO(program: Program, options: StableHLOOptions = {}): string {
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
