// A model's variables from PyTorch's tensors, by the names of a state_dict, and back. How a layer's variables are named and laid
// out there is said by the layer, in `inPyTorch`.

import { concat, leaves, type Shape, type Tensor, transaction, Variable } from "@adjoint/autograd";
import { checkFunction, checkOptions, checkTensor, hasShape, kindOf } from "./arguments.ts";

/** Where a variable stands among PyTorch's tensors. */
export interface PyTorchPlace {
  /** The name of PyTorch's tensor. */
  readonly name: string;
  /** Whether the two axes are exchanged. */
  readonly transposed?: boolean;
  /** Which part it is, [i, n], of n equal parts along the first axis of PyTorch's tensor. */
  readonly part?: readonly [index: number, of: number];
}

/**
 * What a layer's variables and inner layers are called in PyTorch, by their paths within the layer: a variable's name,
 * or where it stands; for an inner layer what its names begin with, or a function of the names that they would have by
 * themselves. What is not in the table has the same name.
 */
export type PyTorchNames = Readonly<Record<string, string | PyTorchPlace | ((inner: string) => string)>>;

interface Named {
  readonly inPyTorch: PyTorchNames;
}

interface Source {
  readonly path: string;
  readonly variable: Variable;
  readonly name: string;
  readonly transposed: boolean;
  readonly part: readonly [index: number, of: number];
}

const isNamed = (value: unknown): value is Named =>
  typeof value === "object" && value !== null && "inPyTorch" in value;

const joined = (path: string, own: string) => (path === "" || own === "" ? path + own : `${path}.${own}`);

/** Where the tensors of a model come from: in one list, whatever the layers' depth. */
function sourcesOf(caller: string, model: object): Source[] {
  const table = isNamed(model) ? model.inPyTorch : {};
  const parts = leaves(
    model,
    (value): value is Variable | Named => value instanceof Variable || (value !== model && isNamed(value)),
    { caller },
  );
  return Object.entries(parts).flatMap(([path, part]): Source[] => {
    if (part instanceof Variable)
      return [
        placed({ path, variable: part, name: nameBy(table, path), transposed: false, part: [0, 1] }, table),
      ];
    return sourcesOf(caller, part).map((inner) =>
      placed({ ...inner, path: joined(path, inner.path), name: nameBy(table, path, inner.name) }, table),
    );
  });
}

/** What a path is called by the longest of the table's paths that it begins with, and, behind that, an inner name. */
function nameBy(table: PyTorchNames, path: string, inner = ""): string {
  const parts = path.split(".");
  for (let n = parts.length; n > 0; n--) {
    const entry = table[parts.slice(0, n).join(".")];
    if (entry === undefined || typeof entry === "object") continue;
    const rest = joined(parts.slice(n).join("."), inner);
    return typeof entry === "function" ? entry(rest) : joined(entry, rest);
  }
  return joined(path, inner);
}

/** A source as the table has it. */
function placed(source: Source, table: PyTorchNames): Source {
  const entry = table[source.path];
  return typeof entry === "object" ? { ...source, transposed: false, part: [0, 1], ...entry } : source;
}

/** The shape that PyTorch's tensor must have. */
function shapeThere({ variable, transposed, part: [, of] }: Source): Shape {
  const shape = transposed ? variable.shape.toReversed() : variable.shape;
  return shape.map((n, axis) => (axis === 0 ? n * of : n));
}

/** The part that is the variable's, laid out as it is here. */
function partFor({ transposed, part: [index, of] }: Source, tensor: Tensor): Tensor {
  const part = of === 1 ? tensor : tensor.split(of)[index]!;
  return transposed ? part.transpose() : part;
}

/** What became of each tensor, by PyTorch's names. */
export interface FromPyTorch {
  /** Those that were assigned. */
  readonly loaded: readonly string[];
  /** Those that the model needs and that are not there. */
  readonly missing: readonly string[];
  /** Those that are there and that no variable takes. */
  readonly unexpected: readonly string[];
  /** Those whose shape is another, with both shapes: "0.weight is [3, 2] and must be [4, 2]". */
  readonly ofAnotherShape: readonly string[];
}

/** The options of `fromPyTorch`. */
export interface FromPyTorchOptions {
  /**
   * False loads what fits and leaves the rest as it is; true, the default, throws unless every variable is found in its shape
   * and nothing is left over.
   */
  readonly strict?: boolean;
  /** PyTorch's name where the models are put together differently, from the name it would have if they weren't. */
  readonly rename?: (name: string) => string;
}

/** PyTorch's counters of batches have no counterpart: means run at a fixed pace here, as they do there by default. */
const isCounter = (name: string) => name.endsWith("num_batches_tracked");

/**
 * Assigns a model's variables from the tensors of a PyTorch `state_dict`, by name: `fromPyTorch(model, { "0.weight": … })`.
 * Matrices of dense layers, which are transposed there, joined matrices such as `in_proj_weight`, and names such as
 * `weight_ih_l0` are found by what each layer says in `inPyTorch`. Numbers are cast to each variable's type. All or nothing:
 * where it throws, no variable has changed. Returns what was loaded, missing, unexpected and of another shape.
 * Throws RangeError where these are not all empty but the first, unless `strict` is false.
 */
export function fromPyTorch(
  model: object,
  tensors: Readonly<Record<string, Tensor>>,
  options: FromPyTorchOptions = {},
): FromPyTorch {
  checkOptions("fromPyTorch", options, ["strict", "rename"]);
  const { strict = true, rename = (name) => name } = options;
  checkFunction("fromPyTorch", "rename", rename, '(name) => "encoder." + name');
  if (kindOf(tensors) !== "an object")
    throw new TypeError(
      `fromPyTorch: got ${kindOf(tensors)} where tensors by name belong: { "0.weight": tensor(…), … }`,
    );
  for (const [name, each] of Object.entries(tensors)) checkTensor("fromPyTorch", `"${name}"`, each);
  const sources = sourcesOf("fromPyTorch", model).map((source) => ({ ...source, name: rename(source.name) }));
  const found = sources.filter(({ name }) => Object.hasOwn(tensors, name));
  const fits = (source: Source) => hasShape(tensors[source.name]!, shapeThere(source));
  const wanted = new Set(sources.map(({ name }) => name));
  const unique = (some: readonly Source[]) => [...new Set(some.map(({ name }) => name))];
  const odd = found.filter((source) => !fits(source));
  const report: FromPyTorch = {
    loaded: unique(found.filter(fits)),
    missing: unique(sources.filter(({ name }) => !Object.hasOwn(tensors, name))),
    unexpected: Object.keys(tensors).filter((name) => !wanted.has(name) && !isCounter(name)),
    ofAnotherShape: [
      ...new Set(
        odd.map(
          (source) =>
            `${source.name} is [${tensors[source.name]!.shape.join(", ")}] and must be [${shapeThere(source).join(", ")}]`,
        ),
      ),
    ],
  };
  const { missing, unexpected, ofAnotherShape } = report;
  if (strict && missing.length + unexpected.length + ofAnotherShape.length > 0) {
    const lines = Object.entries({ missing, unexpected, "of another shape": ofAnotherShape })
      .filter(([, names]) => names.length > 0)
      .map(([what, names]) => `${what}: ${names.join(", ")}`);
    throw new RangeError(
      `fromPyTorch: the tensors are not those of the model; nothing was assigned\n  ${lines.join("\n  ")}\nchange the model, give { rename }, or load what fits with { strict: false }`,
    );
  }
  transaction(() => {
    for (const source of found.filter(fits))
      source.variable.assign(partFor(source, tensors[source.name]!).cast(source.variable.dtype));
  });
  return report;
}

/** The tensor that joins these parts; they are all of one name. */
function joinedTensor(name: string, sources: readonly Source[]): Tensor {
  const parts = [...sources].sort((a, b) => a.part[0] - b.part[0]);
  const areAll = parts.every(({ part: [index, of] }, i) => index === i && of === parts.length);
  if (!areAll)
    throw new RangeError(
      `toPyTorch: "${name}" is the name of ${parts.map(({ path }) => path).join(" and ")}, which aren't the parts of one tensor; give each a name of its own by { rename }`,
    );
  const laidOut = parts.map(
    ({ variable, transposed }): Tensor => (transposed ? variable.value.transpose() : variable.value),
  );
  return laidOut.length === 1 ? laidOut[0]! : concat(laidOut, { axis: 0 });
}

/**
 * A model's variables as the tensors of a PyTorch `state_dict`, by name, in the order of `variables`: what `fromPyTorch` takes, and,
 * in a safetensors or npz file, what `load_state_dict` does. Matrices of dense layers are transposed, and the three of attention are
 * joined, as each layer says in `inPyTorch`; numbers and element types stay what they are. A variable that several layers share
 * has the name of the first alone. Throws RangeError where two variables come to have one name.
 * Example: `toSafetensors(toPyTorch(model))`.
 */
export function toPyTorch(
  model: object,
  options: Pick<FromPyTorchOptions, "rename"> = {},
): Record<string, Tensor> {
  checkOptions("toPyTorch", options, ["rename"]);
  const { rename = (name) => name } = options;
  checkFunction("toPyTorch", "rename", rename, '(name) => "encoder." + name');
  const byName = new Map<string, Source[]>();
  for (const source of sourcesOf("toPyTorch", model)) {
    const name = rename(source.name);
    const others = byName.get(name);
    if (others === undefined) byName.set(name, [source]);
    else others.push(source);
  }
  return Object.fromEntries([...byName].map(([name, sources]) => [name, joinedTensor(name, sources)]));
}
