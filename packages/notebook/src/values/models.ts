// Models: what they consist of as a table, and networks of dense layers as the lecture draws them.

import { Dense, type Layer, type Summary, summary } from "@adjoint/nn";
import { groupOf } from "../views/group.ts";
import { type LayerLike, mostLayers, network } from "../views/network.ts";
import { countText, shapeText } from "../views/number-text.ts";
import type { TableView, View } from "../views/view.ts";
import type { Kind, ShowOptions } from "./kind.ts";
import { asText, isPlain, read } from "./plain.ts";

/** How many layers a table has at most. */
const mostRows = 1000;

const isLayer = (value: unknown): value is Layer =>
  typeof value === "object" && value !== null && "forward" in value && typeof value.forward === "function";

/** A layer, or a list or an object with layers in it. */
const isModel = (value: unknown): value is object =>
  isLayer(value) ||
  (Array.isArray(value)
    ? value.some(isLayer)
    : isPlain(value) && Object.keys(value).some((name) => isLayer(read(value, name))));

const sizeText = (bytes: number) =>
  bytes < 1024
    ? `${bytes} B`
    : bytes < 2 ** 20
      ? `${(bytes / 1024).toFixed(1)} KiB`
      : `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** The rows of a summary, and the sum below. */
export function summaryTable(
  { layers, trainable, notTrained, bytes }: Summary,
  { title, note }: ShowOptions,
): TableView {
  const hasOutputs = layers.some(({ output }) => output !== null);
  const shown = layers.slice(0, mostRows);
  const row = (
    path: string,
    kind: string,
    output: string,
    counts: Pick<Summary, "trainable" | "notTrained" | "bytes">,
  ) => [
    path,
    kind,
    ...(hasOutputs ? [output] : []),
    countText(counts.trainable),
    countText(counts.notTrained),
    sizeText(counts.bytes),
  ];
  const left = layers.length - shown.length;
  return {
    kind: "table",
    title: title ?? "",
    columns: ["path", "layer", ...(hasOutputs ? ["output"] : []), "trained", "not trained", "memory"].map(
      (name) => ({
        name,
        align: ["trained", "not trained", "memory"].includes(name) ? "right" : "left",
      }),
    ),
    rows: [
      ...shown.map((layer) =>
        row(layer.path, layer.kind, layer.output === null ? "" : shapeText(layer.output), layer),
      ),
      row("", "total", "", { trainable, notTrained, bytes }),
    ],
    note: [left > 0 ? `${countText(left)} more layers left out, and counted in the total` : "", note ?? ""]
      .filter((each) => each !== "")
      .join("; "),
  };
}

const isSummary = (value: unknown): value is Summary =>
  isPlain(value) &&
  Array.isArray(value.layers) &&
  typeof value.trainable === "number" &&
  typeof value.bytes === "number" &&
  value.layers.every(
    (each) => isPlain(each) && typeof each.path === "string" && typeof each.kind === "string",
  );

export const summaries: Kind = {
  name: "a summary",
  forms: ["table"],
  view: (value, options) => (isSummary(value) ? summaryTable(value, options) : undefined),
};

/** The dense layers that a model is a chain of; null where it is anything else. */
function denseChain(model: object): readonly Dense[] | null {
  if (model instanceof Dense) return [model];
  if (!(Symbol.iterator in model)) return null;
  const parts = [...(model as Iterable<object>)];
  const chains = parts.map((part) => (typeof part === "object" && part !== null ? denseChain(part) : null));
  if (chains.length === 0 || chains.some((each) => each === null)) return null;
  return (chains as readonly (readonly Dense[])[]).flat();
}

/** A chain of dense layers as the lecture draws it, its weights on the arrows. */
function drawing(layers: readonly Dense[]): View {
  const sizes = [layers[0]!.inputs, ...layers.map(({ outputs }) => outputs)];
  const columns = sizes.map((size, l): LayerLike => {
    const layer = layers[l];
    const name = l === 0 ? "input" : l === layers.length ? "output" : `layer ${l}`;
    if (layer === undefined) return { name, size, hasBias: false };
    const hasBias = layer.bias !== null;
    const weights = layer.weight.data;
    const biases = layer.bias?.data;
    const weight = (from: number, to: number) =>
      hasBias && from === 0 ? biases![to]! : weights[(from - (hasBias ? 1 : 0)) * layer.outputs + to]!;
    return { name, size, hasBias, weight: (from, to) => Number(weight(from, to)) };
  });
  return network(columns, { title: "Network" });
}

export const models: Kind = {
  name: "a model",
  forms: ["table"],
  view(value, options) {
    if (!isModel(value)) return undefined;
    const list = summaryTable(summary(value), options);
    if (options.as === "table") return list;
    const chain = denseChain(value);
    if (chain === null) return list;
    if (chain.length >= mostLayers)
      return groupOf([
        list,
        asText(
          `${countText(chain.length)} layers are too many to be drawn side by side; show a part: show([...model].slice(0, 4))`,
        ),
      ]);
    return groupOf([list, drawing(chain)]);
  },
};
