// Which arguments and results the function of a text has, by name: inputs and variables, outputs and what variables hold then.

import { leaves, type Program, type ProgramValue, Variable } from "@adjoint/autograd";
import { variables } from "@adjoint/nn";

type Form = Program["inputForm"];

/** An input or an output, or a variable, with its name. */
export interface NamedPlace {
  /** Its path, such as "x" or "model.0.weight". */
  readonly name: string;
  /** Its element type. */
  readonly dtype: ProgramValue["dtype"];
  /** The sizes of its axes. */
  readonly shape: readonly number[];
}

/** A variable that a program reads or assigns. */
export interface StatePlace extends NamedPlace {
  readonly variable: Variable;
  /** What it holds in the end, where that is another value. */
  readonly left: ProgramValue | undefined;
  /** Whether `name` is its path in the holder; otherwise the name that it was made with, which others may have, too. */
  readonly isPath: boolean;
}

/** Where the leaves of a tree lie, such as "0.x", by their places. */
function pathsIn(form: Form, names: readonly string[]): readonly string[] {
  const paths: string[] = [];
  const look = (at: Form, path: readonly string[]): void => {
    if (at.kind === "fixed") return;
    if (at.kind === "leaf") {
      paths[at.place] = path.join(".");
      return;
    }
    at.items.forEach((item, i) => {
      const key = "keys" in at ? String(at.keys[i]) : path.length === 0 ? (names[i] ?? `${i}`) : `${i}`;
      look(item, [...path, key]);
    });
  };
  look(form, []);
  return paths;
}

/** The inputs of a program in order, named by their paths among the arguments. `names`: of the arguments, in order. */
export function inputPlaces(
  operation: string,
  program: Program,
  names: readonly string[],
): readonly NamedPlace[] {
  const paths = pathsIn(program.inputForm, names);
  const double = paths.find((path, i) => paths.indexOf(path) !== i);
  if (double !== undefined)
    throw new RangeError(
      `${operation}: two inputs are called ${JSON.stringify(double)}; give each argument a name of its own: { names: ["x", "y"] }`,
    );
  return program.inputs.map(({ dtype, shape }, i) => ({ name: paths[i]!, dtype, shape }));
}

/** The outputs of a program in order, named by their paths in the result; a lone one is called "result". */
export function outputPlaces({ outputForm, outputs }: Program): readonly NamedPlace[] {
  // Only the arguments have names in order: those of the result are its own keys.
  const paths = pathsIn(outputForm, []);
  return outputs.map(({ dtype, shape }, i) => ({ name: paths[i] || "result", dtype, shape }));
}

const named = ({ name }: Variable) => (name === "" ? "a variable" : `variable ${JSON.stringify(name)}`);

/** The variables of a program that are arguments, in its order, by their paths in a holder such as `{ model, optimizer }`. */
export function statePlaces(
  operation: string,
  program: Program,
  holder: object | undefined,
): readonly StatePlace[] {
  const read = new Set<unknown>();
  for (const { origin } of program.values) {
    if (origin.kind === "variable") read.add(origin.variable.face);
    if (origin.kind === "gradient")
      throw new TypeError(
        `${operation}: the program reads the gradient of ${named(origin.variable.face as Variable)}, which is no argument of a StableHLO function; compute gradients in the program, e.g. with grad or valueAndGrad`,
      );
  }
  const values = new Map<unknown, ProgramValue>();
  for (const { variable, value, grad } of program.outcomes) {
    if (value !== undefined) values.set(variable.face, value);
    if (grad != null)
      throw new TypeError(
        `${operation}: the program leaves a gradient in ${named(variable.face as Variable)}, and a StableHLO function has results only; return gradients, e.g. with grad or valueAndGrad, or end with zeroGrad`,
      );
  }
  const paths = new Map(
    Object.entries(holder === undefined ? {} : variables(holder)).map(([path, each]) => [each, path]),
  );
  return program.variables.flatMap((variable) => {
    const left = values.get(variable);
    if (!read.has(variable) && left === undefined) return [];
    const path = paths.get(variable);
    const { name, dtype, shape } = variable;
    return [{ name: path ?? name, isPath: path !== undefined, variable, left, dtype, shape }];
  });
}

type ByPath<Each> = Readonly<Record<string, Each>>;

const isRecord = (value: unknown): value is ByPath<unknown> =>
  typeof value === "object" && value !== null && !(value instanceof Variable);

/** An optimizer, which keeps memory by the paths of variables, `state["0.weight"].mean`, or an average of weights, `values["0.weight"]`. */
type Remembering = { readonly state: ByPath<ByPath<Variable>> } | { readonly values: ByPath<Variable> };

const isRemembering = (value: unknown): value is Remembering =>
  isRecord(value) &&
  ((isRecord(value["state"]) && typeof value["canAdopt"] === "function") ||
    (isRecord(value["values"]) && typeof value["update"] === "function"));

/** For each variable that is the memory of an optimizer, or an average, the path of the one it belongs to, as the optimizer knows it. */
export function ownersIn(holder: object): ReadonlyMap<Variable, string> {
  const owners = new Map<Variable, string>();
  for (const each of Object.values(leaves(holder, isRemembering))) {
    const fields =
      "state" in each
        ? each.state
        : Object.fromEntries(Object.entries(each.values).map(([path, average]) => [path, { average }]));
    for (const [path, memory] of Object.entries(fields))
      for (const variable of Object.values(memory)) owners.set(variable, path);
  }
  return owners;
}
