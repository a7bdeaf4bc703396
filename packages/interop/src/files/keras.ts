// A model's variables from and to the tensors of a Keras model, by name. How each kind of layer stands there is in
// keras-layers.ts.

import { leaves, type Tensor, transaction, Variable } from "@adjoint/autograd";
import { makingOf, type Recurrent, variables } from "@adjoint/nn";
import { checkOptions, checkTensors, kindOf } from "./checks.ts";
import { flattenedIn, unflattened } from "./keras-flattened.ts";
import { isMade, type KerasPlace, kerasCells, kerasRows, rowOf } from "./keras-layers.ts";

/** The options of `toKeras` and, with `strict`, of `fromKeras`. */
export interface KerasOptions {
  /** Keras' name, from the name that it would have: "dense_1/kernel". For layers with names of their own. */
  readonly rename?: (name: string) => string;
  /**
   * How many channels were flattened before a layer, by its path, such as { "head": 16 }: 1 where there were none. Only needed where
   * that can't be seen in a `sequential`.
   */
  readonly flattened?: Readonly<Record<string, number>>;
  /** Where Keras' images have their channels; last by default. */
  readonly dataFormat?: "channels_last" | "channels_first";
}

/** The options of `fromKeras`. */
export interface FromKerasOptions extends KerasOptions {
  /**
   * False loads what fits and leaves the rest as it is; true, the default, throws unless every variable is found in its shape
   * and nothing is left over.
   */
  readonly strict?: boolean;
}

/** What became of each tensor, by Keras' names. */
export interface FromKeras {
  /** Those that were assigned. */
  readonly loaded: readonly string[];
  /** Those that the model needs and that are not there, and variables of layers that Keras doesn't have. */
  readonly missing: readonly string[];
  /** Those that are there and that no variable takes. */
  readonly unexpected: readonly string[];
  /** Those whose shape is another, with both shapes: "dense/kernel is [3, 2] and must be [2, 3]". */
  readonly ofAnotherShape: readonly string[];
}

/** A tensor of Keras, and the variables that it stands for. */
interface Placed {
  readonly name: string;
  readonly place: KerasPlace;
  readonly variables: readonly Variable[];
}

interface Found {
  readonly placed: readonly Placed[];
  /** What has no counterpart, as text. */
  readonly unknown: readonly string[];
}

const joined = (path: string, own: string) => (path === "" || own === "" ? path + own : `${path}.${own}`);

const isLayerOf = (value: unknown): value is object =>
  isMade(value) &&
  (makingOf(value)!.by === "recurrent" ||
    rowOf(kerasRows, value) !== undefined ||
    rowOf(kerasCells, value) !== undefined);

const isPart = (value: unknown): value is object => value instanceof Variable || isLayerOf(value);

/** Goes through a model and finds where each of its variables stands in Keras. */
class Finder {
  readonly placed: Placed[] = [];
  readonly unknown: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #claimed = new Set<Variable>();
  readonly #caller: string;
  readonly #flattened: (layer: object, path: string) => number;

  constructor(caller: string, flattened: (layer: object, path: string) => number) {
    this.#caller = caller;
    this.#flattened = flattened;
  }

  /** The name that Keras gives the next layer of a kind. */
  #next(layer: string): string {
    const count = this.#counts.get(layer) ?? 0;
    this.#counts.set(layer, count + 1);
    return count === 0 ? layer : `${layer}_${count}`;
  }

  #claim(layer: object, name: string, places: readonly KerasPlace[]): void {
    const own = variables(layer);
    for (const place of places) {
      const its = place.variables.flatMap((path) => own[path] ?? []);
      if (its.length === 0) continue;
      this.placed.push({ name: `${name}/${place.name}`, place, variables: its });
      for (const each of its) this.#claimed.add(each);
    }
  }

  look(model: object, path = ""): void {
    if (path === "" && isLayerOf(model)) this.#layer(model, "");
    const parts = leaves(model, (value): value is object => value !== model && isPart(value), {
      caller: this.#caller,
    });
    for (const [inner, part] of Object.entries(parts)) this.#part(part, joined(path, inner));
  }

  #part(part: object, path: string): void {
    if (part instanceof Variable) {
      if (!this.#claimed.has(part)) this.unknown.push(path);
      return;
    }
    // Those of attention belong to it already.
    const own = Object.values(variables(part));
    if (own.length > 0 && own.every((each) => this.#claimed.has(each))) return;
    this.#layer(part, path);
    this.look(part, path);
  }

  #layer(layer: object, path: string): void {
    const making = makingOf(layer)!;
    const cell = rowOf(kerasCells, layer);
    if (making.by === "recurrent") this.#recurrent(layer as Recurrent);
    else if (cell !== undefined) this.#claim(layer, this.#next(`${cell.layer}_cell`), cell.places);
    else {
      const row = rowOf(kerasRows, layer)!;
      const channels = this.#flattened(layer, path);
      if (channels > 1 && making.by === "groupNorm")
        throw new RangeError(
          `${this.#caller}: "${path}" groups flattened features, which Keras has in another order; normalise before flattening`,
        );
      const places = row.places(layer, making).map((place) => {
        const isPerInput = making.by !== "dense" || place.name === "kernel";
        return channels > 1 && isPerInput
          ? unflattened(place, channels, `${this.#caller}: "${path}"`)
          : place;
      });
      this.#claim(layer, this.#next(row.layer), places);
    }
  }

  #recurrent({ cells, directions }: Recurrent): void {
    for (let i = 0; i < cells.length; i += directions) {
      const own = cells.slice(i, i + directions);
      const rows = own.map((cell) => rowOf(kerasCells, cell));
      const [row] = rows;
      // What is left out here is reported as unknown.
      if (row === undefined || rows.some((each) => each !== row)) continue;
      const around = directions === 2 ? `${this.#next("bidirectional")}/` : "";
      const name = this.#next(row.layer);
      own.forEach((cell, direction) => {
        const side = directions === 1 ? "" : ["forward_", "backward_"][direction]!;
        this.#claim(cell, `${around}${side}${name}/${row.layer}_cell`, row.places);
      });
    }
  }
}

function found(caller: string, model: object, options: KerasOptions, further: readonly string[]): Found {
  checkOptions(caller, options, ["rename", "flattened", "dataFormat", ...further]);
  const { rename = (name) => name, flattened: stated = {}, dataFormat = "channels_last" } = options;
  if (typeof rename !== "function")
    throw new TypeError(
      `${caller}: rename is ${kindOf(rename)} and must be a function, e.g. (name) => "sequential/" + name`,
    );
  if (dataFormat !== "channels_last" && dataFormat !== "channels_first")
    throw new TypeError(
      `${caller}: dataFormat is ${JSON.stringify(dataFormat)} and must be "channels_last" or "channels_first", as in Keras`,
    );
  const isLast = dataFormat === "channels_last";
  const seen = isLast ? flattenedIn(model) : () => 1;
  const unused = new Set(Object.keys(stated));
  const finder = new Finder(caller, (layer, path) => {
    unused.delete(path);
    return channelsBefore(caller, path, seen(layer), stated);
  });
  finder.look(model);
  if (unused.size > 0)
    throw new RangeError(
      `${caller}: flattened names ${[...unused].join(", ")}, where there is no layer with a row of Keras; give the paths of layers, as variables(model) has them`,
    );
  const placed = finder.placed.map((each) => ({ ...each, name: rename(each.name) }));
  const names = placed.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new RangeError(`${caller}: rename gives the name "${twice}" twice; give each a name of its own`);
  return { placed, unknown: finder.unknown };
}

/** How many channels were flattened before a layer: what is stated, or what can be seen. */
function channelsBefore(
  caller: string,
  path: string,
  seen: number | null,
  stated: Readonly<Record<string, number>>,
): number {
  const own = Object.hasOwn(stated, path) ? stated[path]! : seen;
  if (own === null)
    throw new RangeError(
      `${caller}: it can't be seen whether "${path}" is given flattened images, whose channels Keras has last; say how many channels they have, or 1 where it isn't: { flattened: { "${path}": 1 } }, or, where Keras has the channels first, { dataFormat: "channels_first" }`,
    );
  if (!Number.isInteger(own) || own < 1)
    throw new RangeError(
      `${caller}: flattened says ${own} channels before "${path}"; give a whole number, 1 or more`,
    );
  return own;
}

const shapeText = ({ shape }: Tensor): string => `[${shape.join(", ")}]`;

/** What fits, and a word for what does not. */
function compared({ placed, unknown }: Found, tensors: Readonly<Record<string, Tensor>>) {
  const fitting: [Placed, Tensor][] = [];
  const missing: string[] = [];
  const ofAnotherShape: string[] = [];
  for (const each of placed) {
    const { name, place } = each;
    if (!Object.hasOwn(tensors, name)) {
      missing.push(name);
      continue;
    }
    const given = tensors[name]!;
    const wanted = place.to(...each.variables.map(({ value }) => value));
    const fits =
      shapeText(given) === shapeText(wanted) || (place.takes?.(given) === true && given.size === wanted.size);
    if (fits) fitting.push([each, given]);
    else
      ofAnotherShape.push(
        `${name} is ${shapeText(given)} and must be ${shapeText(wanted)}${place.hint === undefined ? "" : ` (${place.hint})`}`,
      );
  }
  const names = new Set(placed.map(({ name }) => name));
  const report: FromKeras = {
    loaded: fitting.map(([{ name }]) => name),
    missing: [...missing, ...unknown.map(withoutLayer)],
    unexpected: Object.keys(tensors).filter((name) => !names.has(name)),
    ofAnotherShape,
  };
  return { fitting, report };
}

const withoutLayer = (path: string): string => `the variable ${path}, whose layer Keras doesn't have`;

/**
 * Assigns a model's variables from the tensors of a Keras model, by name: `fromKeras(model, readNpz(bytes))`, where Keras 3 wrote
 * `np.savez("weights.npz", **{v.path: v.numpy() for v in model.weights})`. Names are those that Keras gives by itself, in the order
 * of the model's layers: "dense/kernel", "dense/bias", "dense_1/kernel", "lstm/lstm_cell/recurrent_kernel"; a `keras.Sequential` has
 * its own name before them, as in `rename: (name) => "sequential/" + name`. Kernels of convolutions, gates, joined biases and
 * attention's heads are brought into the layout that they have here, and the rows behind flattened images into the order of
 * channels first. A bias of Keras' LSTM and SimpleRNN becomes the first of the two that there are here, and the second zeros.
 * Numbers are cast to each variable's type. All or nothing: where it throws, no variable has changed.
 * Weights say nothing of options: make `batchNorm` and `layerNorm` with Keras' epsilon, 1e-3 by default.
 * Throws RangeError where something is missing, left over or of another shape, unless `strict` is false, and where it can't be seen
 * whether a layer is given flattened images. Layouts are those of Keras 3's layers, https://keras.io/api/layers/.
 */
export function fromKeras(
  model: object,
  tensors: Readonly<Record<string, Tensor>>,
  options: FromKerasOptions = {},
): FromKeras {
  checkTensors("fromKeras", tensors);
  const { fitting, report } = compared(found("fromKeras", model, options, ["strict"]), tensors);
  const { loaded: _, ...others } = report;
  if ((options.strict ?? true) && Object.values(others).some((names) => names.length > 0)) {
    const lines = Object.entries(others)
      .filter(([, names]) => names.length > 0)
      .map(
        ([what, names]) => `${what === "ofAnotherShape" ? "of another shape" : what}: ${names.join(", ")}`,
      );
    throw new RangeError(
      `fromKeras: the tensors are not those of the model; nothing was assigned\n  ${lines.join("\n  ")}\nchange the model, give { rename }, or load what fits with { strict: false }`,
    );
  }
  transaction(() => {
    for (const [{ place, variables: own }, given] of fitting)
      place.from(given).forEach((value, i) => {
        own[i]!.assign(value.cast(own[i]!.dtype));
      });
  });
  return report;
}

/**
 * A model's variables as the tensors of a Keras model, by name: what `fromKeras` takes, and what
 * `for v in model.weights: v.assign(file[v.path])` puts into a Keras model. The two biases of the LSTM and of the plain cell are
 * added up, which rounds. A weight of `prelu` is [channels]; Keras has axes of size 1 before it where shared_axes says so.
 * Throws RangeError for variables whose layer Keras doesn't have, and as `fromKeras` for flattened images.
 */
export function toKeras(model: object, options: KerasOptions = {}): Record<string, Tensor> {
  const { placed, unknown } = found("toKeras", model, options, []);
  if (unknown.length > 0)
    throw new RangeError(
      `toKeras: Keras has no tensor for ${unknown.map(withoutLayer).join(", ")}; save them as they are: toSafetensors(variables(model)), or writeNpz`,
    );
  return Object.fromEntries(
    placed.map(({ name, place, variables: own }) => [name, place.to(...own.map(({ value }) => value))]),
  );
}
