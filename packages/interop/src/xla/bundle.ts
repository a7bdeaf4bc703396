// A recorded training step as the files that XLA trains from, by the runner in python/adjoint_xla.py.

import type { Program } from "@adjoint/autograd";
import { save, variables } from "@adjoint/nn";
import type { StatePlace } from "../stablehlo/places.ts";
import type { Sharding } from "../stablehlo/sharding.ts";
import { layoutOf } from "../stablehlo/shardings.ts";
import { type StableHLOOptions, toStableHLO } from "../stablehlo/to-stablehlo.ts";

/** Changes whenever a runner for the present form would misread another one. */
const FORM = 1;

/** An argument or a result of the function in `program.mlir`, as `program.json` describes it. */
interface Described {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** For each axis the mesh axes over which it is split. */
  readonly sharding: readonly (readonly string[])[];
}

/** What `program.json` holds: the arguments are the inputs, then the variables; the results are the outputs, then what is assigned. */
interface Description {
  readonly form: number;
  readonly mesh: readonly { readonly name: string; readonly size: number }[];
  readonly inputs: readonly Described[];
  /** `result`: the place of its new numbers among the results, null for a variable that stays as it is. It is donated otherwise. */
  readonly variables: readonly (Described & { readonly result: number | null })[];
  readonly outputs: readonly Described[];
}

/** The files of a bundle, by their names. */
export interface XLABundle {
  /** The step: a StableHLO module. */
  readonly "program.mlir": string;
  /** What its arguments and results are. */
  readonly "program.json": string;
  /** What the variables hold now, as `save(holder)` writes it. */
  readonly "weights.safetensors": Uint8Array<ArrayBuffer>;
}

const describedPlace = ({
  name,
  dtype,
  shape,
  sharding,
}: {
  name: string;
  dtype: string;
  shape: readonly number[];
  sharding: Sharding | null;
}): Described => ({
  name,
  dtype,
  shape,
  sharding: shape.map((_, axis) => [sharding?.[axis] ?? []].flat()),
});

/**
 * The files from which `adjoint-xla train` trains a recorded step on XLA, by name; write them into one folder. `holder` is
 * what holds the program's variables, as `save` takes it: usually `{ model, optimizer }`, and the keys from which dropout
 * draws. The weights that the training writes are loaded into it by `load`, and training can go on here.
 * The options are those of `toStableHLO`: for several devices `mesh` and `shardings`, and `names`, by which the batches'
 * arrays are found. What the step assigns is donated, as with JAX's `donate_argnums`.
 * Throws Error for a variable that the holder does not hold, and as `toStableHLO` does.
 */
export function xlaBundle(
  program: Program,
  holder: object,
  options: Omit<StableHLOOptions, "holder"> = {},
): XLABundle {
  const all = { ...options, holder };
  const { mesh, inputs, state, outputs } = layoutOf("xlaBundle", program, all);
  const stranger = state.find(({ isPath }) => !isPath);
  if (stranger !== undefined) throw new Error(strangerText(stranger, holder));
  let next = outputs.length;
  const description: Description = {
    form: FORM,
    mesh: Object.entries(mesh ?? {}).map(([name, size]) => ({ name, size })),
    inputs: inputs.map(describedPlace),
    variables: state.map((each) => ({
      ...describedPlace(each),
      result: each.left === undefined ? null : next++,
    })),
    outputs: outputs.map(describedPlace),
  };
  return {
    "program.mlir": toStableHLO(program, all),
    "program.json": `${JSON.stringify(description, null, 1)}\n`,
    "weights.safetensors": save(holder),
  };
}

function strangerText({ name, dtype, shape }: StatePlace, holder: object): string {
  const held = Object.keys(variables(holder)).slice(0, 5);
  return `xlaBundle: the program uses the variable ${JSON.stringify(name)}, ${dtype} [${shape.join(", ")}], which the holder does not hold (it holds ${held.join(", ")}${held.length === 5 ? ", …" : ""}); give all that the step changes, e.g. xlaBundle(program, { model, optimizer })`;
}
