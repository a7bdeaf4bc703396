// What a model consists of: its layers by path, with their outputs and the variables they hold.

import { type DType, leaves, noGrad, Tensor, Variable, zeros } from "@adjoint/autograd";
import { checkOptions, kindOf } from "../arguments.ts";
import { isLayer, type Layer, type LayerOrFunction, run, textOf, variables } from "../layer.ts";
import { makingOf } from "../made.ts";

/** One layer, or the model itself, whose path is empty. */
export interface LayerSummary {
  /** The layer's path in the model, such as "encoder.0"; "" for the model. */
  readonly path: string;
  /** The layer as text, such as "dense(2, 3, tanh)"; a container's name; "model" for an object of layers. */
  readonly kind: string;
  /** The shape of what it returned in its last use; null without an input, or where it was not run or returned no tensor. */
  readonly output: readonly number[] | null;
  /** Numbers of its own, without those of the layers within it and those that occur in an earlier row. */
  readonly trainable: number;
  /** The numbers of its own that are not trained: frozen parameters and state. */
  readonly notTrained: number;
  /** What these take, in bytes. */
  readonly bytes: number;
}

/** What `summary` gives. Prints as a table. */
export interface Summary {
  /** The layers in order, the model itself first. */
  readonly layers: readonly LayerSummary[];
  /** How many numbers of the whole model are trained. */
  readonly trainable: number;
  /** How many numbers of the whole model are not: frozen parameters and state. */
  readonly notTrained: number;
  /** What all of them take, in bytes. */
  readonly bytes: number;
  /** A table for reading. */
  toString(): string;
}

const BYTES: Readonly<Record<DType, number>> = { float64: 8, float32: 4, int32: 4, bool: 1 };

/** Numbers of a layer's own: of variables that are met for the first time. */
function countsOf(own: readonly Variable[]): Pick<LayerSummary, "trainable" | "notTrained" | "bytes"> {
  const sizeOf = (some: readonly Variable[]) => some.reduce((total, { size }) => total + size, 0);
  return {
    trainable: sizeOf(own.filter(({ trainable }) => trainable)),
    notTrained: sizeOf(own.filter(({ trainable }) => !trainable)),
    bytes: own.reduce((total, { size, dtype }) => total + size * BYTES[dtype], 0),
  };
}

interface Found {
  readonly path: string;
  readonly layer: object;
  readonly own: readonly Variable[];
  readonly holdsLayers: boolean;
}

/** The layers within something and what each holds itself, each once, outer ones first. */
function layersIn(model: object): Found[] {
  const found: Found[] = [];
  const met = new Set<unknown>();
  const look = (layer: object, path: string): void => {
    met.add(layer);
    const isPart = (value: unknown): value is Variable | Layer<never, unknown> =>
      value instanceof Variable || (value !== layer && isLayer(value));
    const parts = Object.entries(leaves(layer, isPart, { caller: "summary" })).filter(
      ([, part]) => !met.has(part),
    );
    const own = parts.flatMap(([, part]) => (part instanceof Variable ? [part] : []));
    for (const each of own) met.add(each);
    found.push({ path, layer, own, holdsLayers: own.length < parts.length });
    for (const [name, part] of parts)
      if (!(part instanceof Variable) && !met.has(part))
        look(part, path === "" || name.startsWith("[") ? `${path}${name}` : `${path}.${name}`);
  };
  look(model, "");
  return found;
}

/** Runs the model while the shape of each layer's output is noted. The layers' `forward` are replaced for that time. */
function outputsOf(
  found: readonly Found[],
  forward: () => unknown,
  model: object,
): ReadonlyMap<object, readonly number[]> {
  const shapes = new Map<object, readonly number[]>();
  const undo: (() => void)[] = [];
  try {
    for (const { layer } of found) {
      if (!isLayer(layer) || !Object.isExtensible(layer)) continue;
      const own = Object.getOwnPropertyDescriptor(layer, "forward");
      const { forward } = layer as Layer<unknown>;
      if (own?.configurable === false) continue;
      const noting = function (this: unknown, ...given: Parameters<typeof forward>) {
        const output: unknown = forward.apply(this as Layer<unknown>, given);
        if (output instanceof Tensor) shapes.set(layer, output.shape);
        return output;
      };
      undo.push(() => {
        if (own === undefined) Reflect.deleteProperty(layer, "forward");
        else Object.defineProperty(layer, "forward", own);
      });
      Object.defineProperty(layer, "forward", { value: noting, configurable: true, writable: true });
    }
    const output: unknown = noGrad(forward);
    // A bare function has no forward that could be replaced.
    if (output instanceof Tensor) shapes.set(model, output.shape);
  } finally {
    for (const each of undo) each();
  }
  return shapes;
}

/** The text of a layer; of one that holds others, which have rows of their own, only what made it. */
function kindOfLayer(layer: object, holdsLayers: boolean): string {
  if (!isLayer(layer)) return typeof layer === "function" ? textOf(layer as () => unknown) : "model";
  const maker = holdsLayers ? makingOf(layer)?.by : undefined;
  return maker ?? textOf(layer);
}

/** The tensor given, or zeros of a shape, of the model's first float type. */
function exampleOf(input: Tensor | readonly number[], model: object): Tensor {
  if (input instanceof Tensor) return input;
  if (!Array.isArray(input))
    throw new TypeError(
      `summary: the input is ${kindOf(input)} and must be a tensor or a shape, e.g. { input: [32, 784] }`,
    );
  const types = Object.values(variables(model)).map(({ dtype }) => dtype);
  const dtype = types.find((each) => each === "float64" || each === "float32") ?? "float32";
  return zeros(input as readonly number[], { dtype });
}

const grouped = (n: number): string => `${n}`.replace(/\B(?=(\d{3})+$)/g, ",");

/** A number of bytes for reading: three digits, in units of 1024. */
function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toPrecision(3)} ${units[power]}`;
}

function tableOf({ layers, trainable, notTrained, bytes }: Omit<Summary, "toString">): string {
  const hasOutputs = layers.some(({ output }) => output !== null);
  const numbers = (row: Pick<LayerSummary, "trainable" | "notTrained" | "bytes">) => [
    grouped(row.trainable),
    grouped(row.notTrained),
    sizeText(row.bytes),
  ];
  const rows = [
    ["path", "layer", ...(hasOutputs ? ["output"] : []), "trained", "not trained", "memory"],
    ...layers.map((row) => [
      row.path,
      row.kind.length > 40 ? `${row.kind.slice(0, 39)}…` : row.kind,
      ...(hasOutputs ? [row.output === null ? "" : `[${row.output.join(", ")}]`] : []),
      ...numbers(row),
    ]),
    ["", "total", ...(hasOutputs ? [""] : []), ...numbers({ trainable, notTrained, bytes })],
  ];
  const columns = rows[0]!.length;
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i < columns - 3 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/**
 * The layers of a model, or of a bare function such as an activation, by path, with the numbers they hold: how many are trained, how many are not (frozen parameters, state), and the
 * memory of both. With an `input`, a tensor or a shape (zeros of the model's type), the model is run on it, and each layer's output
 * shape is shown. Layers and variables that occur twice count once. Print it: `console.log(String(summary(model)))`.
 * Throws TypeError for what is no model, and what the model throws for the input.
 */
export function summary(
  model: object,
  options: { readonly input?: Tensor | readonly number[] } = {},
): Summary {
  checkOptions("summary", options, ["input"]);
  const all = Object.values(variables(model));
  const { input } = options;
  const found = layersIn(model);
  if (input !== undefined && !isLayer(model) && typeof model !== "function")
    throw new TypeError(
      `summary: the model has no forward(x), so that no input can be given; give its layers one by one, or leave the input out`,
    );
  const outputs =
    input === undefined
      ? new Map<object, readonly number[]>()
      : outputsOf(found, () => run(model as LayerOrFunction, exampleOf(input, model)), model);
  const layers = found.map(
    ({ path, layer, own, holdsLayers }): LayerSummary => ({
      path,
      kind: kindOfLayer(layer, holdsLayers),
      output: outputs.get(layer) ?? null,
      ...countsOf(own),
    }),
  );
  const whole = { layers, ...countsOf(all) };
  return { ...whole, toString: () => tableOf(whole) };
}
