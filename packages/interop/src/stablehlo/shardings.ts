// The sharding of each argument and result of a program: what was said of it, or the rule where nothing was.

import { Program, type ProgramStep, type ProgramValue, type Variable } from "@adjoint/autograd";
import { kindOf } from "../files/checks.ts";
import {
  inputPlaces,
  type NamedPlace,
  outputPlaces,
  ownersIn,
  type StatePlace,
  statePlaces,
} from "./places.ts";
import { checkMesh, checkSharding, type Mesh, type Sharding, whole } from "./sharding.ts";

/** Says of a tensor how it is split; null: not at all; undefined: nothing. */
export type Said = Sharding | null | undefined;

/** How the tensors of a program are split over the devices of a mesh. What is not said is whole on every device. */
export interface Shardings {
  /** Of the inputs, in their order; or by name, as `names` and the paths in the arguments give it: "x", "batch.x". */
  readonly inputs?: readonly Said[] | Readonly<Record<string, Said>>;
  /**
   * Of variables, by their paths in the holder: in a record, or from a function. Memory that an optimizer keeps for a
   * variable and that has its shape, such as `optimizer.state["0.weight"].mean`, is split as the variable unless
   * something is said of it, and so is an average of weights. A variable's new numbers are split as those before.
   */
  readonly variables?: Readonly<Record<string, Said>> | ((path: string, variable: Variable) => Said);
  /** Of the outputs, in their order. */
  readonly outputs?: readonly Said[];
  /**
   * Of values in between, from a function that is asked for every result of every step: a constraint. Where nothing is
   * said, XLA chooses. `(value) => value.shape[0] === 64 ? ["data", null] : undefined`
   */
  readonly values?: (value: ProgramValue, step: ProgramStep) => Said;
}

/** The options of programs for several devices. */
export interface MeshOptions {
  /** The devices that run the program together: the axes along which they stand, with sizes. One device by default. */
  readonly mesh?: Mesh;
  /** How tensors are split over the mesh; all are whole by default. */
  readonly shardings?: Shardings;
  /** The names of the function's arguments, in order, for its inputs: "0", "1", … by default. */
  readonly names?: readonly string[];
  /** What holds the variables, as `save` takes it, such as `{ model, optimizer }`: it gives them their paths. */
  readonly holder?: object;
}

/** The arguments and results of a program's function, in order, each with its sharding; null on one device. */
export interface Layout {
  readonly mesh: Mesh | null;
  readonly inputs: readonly (NamedPlace & { readonly sharding: Sharding | null })[];
  readonly state: readonly (StatePlace & { readonly sharding: Sharding | null })[];
  readonly outputs: readonly (NamedPlace & { readonly sharding: Sharding | null })[];
}

const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(", ");

/** What is said of tensors in order or by name. Throws RangeError for a name or a place that no tensor has. */
function saidOf(
  operation: string,
  kind: string,
  said: readonly Said[] | Readonly<Record<string, Said>>,
  places: readonly NamedPlace[],
): (place: NamedPlace, i: number) => Said {
  if (Array.isArray(said)) {
    const all = said as readonly Said[];
    if (all.length <= places.length) return (_, i) => all[i];
    throw new RangeError(
      `${operation}: there are ${all.length} shardings of ${kind}s, and the program has ${places.length} ${kind}s; leave the others out`,
    );
  }
  checkNames(operation, kind, Object.keys(said), places);
  return ({ name }) => (said as Readonly<Record<string, Said>>)[name];
}

function checkNames(
  operation: string,
  kind: string,
  names: readonly string[],
  places: readonly NamedPlace[],
): void {
  const known = places.map(({ name }) => name);
  const odd = names.find((name) => !known.includes(name));
  if (odd === undefined) return;
  throw new RangeError(
    `${operation}: a sharding is given for ${JSON.stringify(odd)}, which is no ${kind} of the program; it has ${quoted(known)}`,
  );
}

/** The function that says how a variable is split. */
function saidOfState(
  operation: string,
  { shardings: { variables: said = {} } = {}, holder }: MeshOptions,
  state: readonly StatePlace[],
): (place: StatePlace) => Said {
  const ask =
    typeof said === "function"
      ? ({ name, variable }: StatePlace) => said(name, variable)
      : ({ name }: StatePlace) => said[name];
  if (typeof said !== "function") {
    checkNames(operation, "variable", Object.keys(said), state);
    const twice = state.find(
      ({ name, isPath }) =>
        !isPath && said[name] !== undefined && state.filter((each) => each.name === name).length > 1,
    );
    if (twice !== undefined)
      throw new RangeError(
        `${operation}: a sharding is given for ${JSON.stringify(twice.name)}, and several variables have that name; say what holds them, { holder: { model, optimizer } }, and give their paths`,
      );
  }
  const owners = holder === undefined ? new Map<Variable, string>() : ownersIn(holder);
  return (place) => {
    const own = ask(place);
    const owner = owners.get(place.variable);
    if (own !== undefined || owner === undefined) return own;
    const followed = state.filter(
      ({ name, variable, shape }) =>
        (name === owner || name.endsWith(`.${owner}`)) &&
        !owners.has(variable) &&
        shape.length === place.shape.length &&
        shape.every((n, i) => n === place.shape[i]),
    );
    const found = new Map(followed.map((each) => [JSON.stringify(ask(each) ?? null), each]));
    if (found.size > 1)
      throw new RangeError(
        `${operation}: ${JSON.stringify(place.name)} may belong to ${quoted([...found.values()].map(({ name }) => name))}, which are split differently; say how it is split: { shardings: { variables: { ${JSON.stringify(place.name)}: […] } } }`,
      );
    return followed[0] === undefined ? undefined : ask(followed[0]);
  };
}

/**
 * The arguments and results of a program, with their shardings. Throws TypeError for what is no program, RangeError for a
 * sharding that can't be.
 */
export function layoutOf(operation: string, program: Program, options: MeshOptions): Layout {
  if (!(program instanceof Program))
    throw new TypeError(
      `${operation}: got ${kindOf(program)} where a program belongs; record the function first: record(f, ...examples)`,
    );
  const { mesh = null, shardings = {}, names = [], holder } = options;
  const inputs = inputPlaces(operation, program, names);
  const outputs = outputPlaces(program);
  const state = statePlaces(operation, program, holder);
  if (mesh === null) {
    if (options.shardings !== undefined)
      throw new RangeError(
        `${operation}: shardings are given and no mesh; name the axes of the devices: { mesh: { data: 8 }, shardings: … }`,
      );
    const one = <Each extends NamedPlace>(each: Each) => ({ ...each, sharding: null });
    return { mesh, inputs: inputs.map(one), state: state.map(one), outputs: outputs.map(one) };
  }
  checkMesh(operation, mesh);
  const settled =
    <Each extends NamedPlace>(kind: string, ask: (place: Each, i: number) => Said) =>
    (place: Each, i: number) => {
      const sharding = ask(place, i) ?? whole(place.shape);
      checkSharding(operation, mesh, sharding, { ...place, what: `${kind} ${JSON.stringify(place.name)}` });
      return { ...place, sharding };
    };
  return {
    mesh,
    inputs: inputs.map(settled("input", saidOf(operation, "input", shardings.inputs ?? [], inputs))),
    state: state.map(settled("variable", saidOfState(operation, options, state))),
    outputs: outputs.map(settled("output", saidOf(operation, "output", shardings.outputs ?? [], outputs))),
  };
}
