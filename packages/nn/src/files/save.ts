// Everything that `variables` finds in a model, an optimizer, an average, or an object of them, as a file and back.

import { type Tensor, transaction, type Variable } from "@adjoint/autograd";
import { checkOptions, checkTensor, fileBytes, kindOf } from "../arguments.ts";
import { variables } from "../layer.ts";
import { FileError } from "./file-error.ts";
import { quoted } from "./header.ts";
import { adopterIn } from "./keeper.ts";
import { fromSafetensors, toSafetensors } from "./safetensors.ts";

/** Where a file says which of its variables are not trained. */
const NOT_TRAINED = "adjoint.notTrained";

/**
 * What `variables(model)` finds, as a safetensors file: a model, `{ model, optimizer }`, or whatever else holds variables. Names
 * are paths. A variable that several layers share is stored once. Which variables are not trained is said in the metadata,
 * beside your own texts. Throws as `variables` does, and as `toSafetensors` for metadata.
 */
export function save(
  model: object,
  options: { readonly metadata?: Readonly<Record<string, string>> } = {},
): Uint8Array<ArrayBuffer> {
  checkOptions("save", options, ["metadata"]);
  const all = Object.entries(variables(model));
  // In order, so that equal models give equal bytes.
  const fixed = all.flatMap(([name, { trainable }]) => (trainable ? [] : [name])).sort();
  const tensors = Object.fromEntries(all.map(([name, { value }]) => [name, value]));
  return toSafetensors(tensors, { metadata: { ...options.metadata, [NOT_TRAINED]: JSON.stringify(fixed) } });
}

/** What loading did, or would have done, by names. */
export interface LoadReport {
  /** In both, and loaded. */
  readonly loaded: readonly string[];
  /** In the model and not in the file. */
  readonly missing: readonly string[];
  /** In the file and not in the model. */
  readonly unexpected: readonly string[];
  /** In both, with different shapes or element types. */
  readonly mismatched: readonly {
    readonly name: string;
    readonly expected: string;
    readonly given: string;
  }[];
}

/** What is thrown where a file and a model don't belong together. Nothing has been loaded. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  /** What fits and what does not, by names. */
  readonly report: LoadReport;

  constructor(message: string, report: LoadReport) {
    super(message);
    this.report = report;
  }
}

const described = ({ dtype, shape }: Tensor): string => `${dtype} [${shape.join(", ")}]`;

/** Some of several lines. */
const some = (what: string, lines: readonly string[]): string[] =>
  lines.length === 0
    ? []
    : [`${what}: ${lines.slice(0, 5).join(", ")}${lines.length > 5 ? `, and ${lines.length - 5} more` : ""}`];

function refuseUnlessAll(report: LoadReport): void {
  const { missing, unexpected, mismatched } = report;
  const said = [
    ...some("missing in the file", missing.map(quoted)),
    ...some("unknown to the model", unexpected.map(quoted)),
    ...some(
      "different",
      mismatched.map(
        ({ name, expected, given }) => `${quoted(name)} is ${expected} and in the file ${given}`,
      ),
    ),
  ];
  if (said.length === 0) return;
  throw new LoadError(
    `load: the file is of another model; ${said.join("; ")}. Load into the same model, or what they have in common: { strict: false }`,
    report,
  );
}

/** The names of what is not trained; null where a file does not say. */
function notTrained(metadata: Readonly<Record<string, string>>): ReadonlySet<unknown> | null {
  if (!Object.hasOwn(metadata, NOT_TRAINED)) return null;
  try {
    const names: unknown = JSON.parse(metadata[NOT_TRAINED]!);
    if (Array.isArray(names)) return new Set(names);
  } catch {
    // The error below says it.
  }
  throw new FileError(`load: the metadata's ${NOT_TRAINED} must be a list of names in JSON`, 8);
}

/**
 * Gives the variables of a model, or of anything else that holds some, the values of a file that `save` made, or of tensors by
 * name. Variables that are shared stay shared. Where the file says which variables are trained, they are trained from now on. An
 * optimizer without a step has no memory yet; it is made of what was saved. All or nothing.
 * Throws FileError for a damaged file, and LoadError, with the report, unless the file has all variables, with their shapes and
 * element types, and no others; with `strict: false`, what fits is loaded, and the report says what did not.
 */
export function load(
  model: object,
  file: Uint8Array | Readonly<Record<string, Tensor>>,
  options: { readonly strict?: boolean } = {},
): LoadReport {
  checkOptions("load", options, ["strict"]);
  const { strict = true } = options;
  const bytes = fileBytes(file);
  if (bytes === null && kindOf(file) !== "an object")
    throw new TypeError(
      `load: got ${kindOf(file)} where the bytes of a file belong, as save(model) gives them, or tensors by name`,
    );
  const { tensors, metadata } =
    bytes === null
      ? { tensors: file as Readonly<Record<string, Tensor>>, metadata: {} }
      : fromSafetensors(bytes);
  const fixed = notTrained(metadata);
  const known = new Map(Object.entries(variables(model)));
  const adopterOf = adopterIn(model, "load");
  const fitting: [Variable, Tensor, string][] = [];
  const adopted: (() => void)[] = [];
  const loaded: string[] = [];
  const unexpected: string[] = [];
  const mismatched: LoadReport["mismatched"][number][] = [];
  for (const [name, given] of Object.entries(tensors)) {
    checkTensor("load", `what is given for ${quoted(name)}`, given);
    const variable = known.get(name);
    const adopt = variable === undefined ? adopterOf(name, given) : null;
    const isLike = variable === undefined || described(variable) === described(given);
    if (!isLike) mismatched.push({ name, expected: described(variable), given: described(given) });
    else if (variable === undefined && adopt === null) unexpected.push(name);
    else {
      loaded.push(name);
      if (adopt === null) fitting.push([variable!, given, name]);
      else adopted.push(adopt);
    }
  }
  const missing = [...known.keys()].filter((name) => !Object.hasOwn(tensors, name));
  const report = { loaded, missing, unexpected, mismatched };
  if (strict) refuseUnlessAll(report);
  transaction(() => {
    for (const [variable, given] of fitting) variable.assign(given);
  });
  for (const adopt of adopted) adopt();
  if (fixed !== null) for (const [variable, , name] of fitting) variable.trainable = !fixed.has(name);
  return report;
}
