// Networks as the lecture draws them: columns of neurons and the arrows between them.

import { checkOptions, checkText, checkWhole, kindOf } from "./check.ts";
import { countText, numberText } from "./number-text.ts";
import type { NetworkEdge, NetworkLayer, NetworkUnit, NetworkView } from "./view.ts";

/** A layer as `network` takes it. The bias neuron is the first unit of a layer, and not counted in `size`. */
export interface LayerLike {
  /** Its name, which stands below. */
  readonly name: string;
  /** The number of units, without a bias neuron. */
  readonly size: number;
  /** Whether there is a bias neuron in front. */
  readonly hasBias: boolean;
  /** What stands in unit i (the bias neuron is 0 where there is one); nothing by default. */
  readonly value?: (unit: number) => string;
  /** δ beside unit i. */
  readonly delta?: (unit: number) => string;
  /**
   * The weight of the arrow from unit i of this layer to unit j of the next, without its bias neuron; the arrow's width
   * and colour follow it.
   */
  readonly weight?: (from: number, to: number) => number;
  /** What is written on the arrow from unit i of this layer to unit j of the next, without its bias neuron. */
  readonly lines?: (from: number, to: number) => readonly string[];
}

/** The options of `network`. */
export interface NetworkOptions {
  /** Stands above; none by default. */
  readonly title?: string;
  /** The same as text; made of the layers by default. */
  readonly text?: string;
  /** A line below, such as what was left out. */
  readonly note?: string;
}

/** How many units of a wide layer are drawn. */
const mostUnits = 8;

/** How many layers are drawn at most: more don't fit on a page. */
export const mostLayers = 16;

/**
 * A network of at most 16 layers. A layer of more than 8 units is drawn with its first 6 and its last, and its size is
 * written. Throws RangeError for sizes that are not whole numbers from 1, and for more layers.
 */
export function network(layers: readonly LayerLike[], options: NetworkOptions = {}): NetworkView {
  checkOptions("network", options, ["title", "text", "note"]);
  if (!Array.isArray(layers))
    throw new TypeError(`network: got ${kindOf(layers)} where the layers belong; write them in brackets`);
  if (layers.length > mostLayers)
    throw new RangeError(
      `network: ${layers.length} layers can't be drawn side by side, at most ${mostLayers}; draw a part of them, layers.slice(0, ${mostLayers})`,
    );
  for (const { name, size } of layers) checkWhole("network", `the size of layer "${name}"`, size, 1);
  const drawn = layers.map((layer) => placesOf(layer));
  const columns = layers.map((layer, l): NetworkLayer => {
    const units = drawn[l]!.map(
      (unit): NetworkUnit => ({
        value: layer.value?.(unit) ?? (layer.hasBias && unit === 0 ? "1" : ""),
        delta: layer.delta?.(unit) ?? "",
        isBias: layer.hasBias && unit === 0,
      }),
    );
    return { name: layer.name, units, size: layer.size };
  });
  const edges = layers.slice(0, -1).flatMap((layer, l): NetworkEdge[] => {
    const next = layers[l + 1]!;
    const shift = next.hasBias ? 1 : 0;
    return drawn[l]!.flatMap((from, i) =>
      drawn[l + 1]!.flatMap((to, j): NetworkEdge[] => {
        if (next.hasBias && to === 0) return [];
        const weight = layer.weight?.(from, to - shift) ?? 0;
        return [{ layer: l, from: i, to: j, weight, lines: layer.lines?.(from, to - shift) ?? [] }];
      }),
    );
  });
  return {
    kind: "network",
    title: checkText("network", "the title", options.title),
    layers: columns,
    edges,
    text: options.text ?? textOfNetwork(columns, edges),
    note: checkText("network", "the note", options.note),
  };
}

/** Which units are drawn: all, or the first ones and the last. */
function placesOf({ size, hasBias }: LayerLike): readonly number[] {
  const all = Array.from({ length: size + (hasBias ? 1 : 0) }, (_, i) => i);
  if (size <= mostUnits) return all;
  return [...all.slice(0, mostUnits - 2 + (hasBias ? 1 : 0)), all.at(-1)!];
}

/** The layers' names and sizes, and what is known of each unit and arrow. */
function textOfNetwork(layers: readonly NetworkLayer[], edges: readonly NetworkEdge[]): string {
  return layers
    .flatMap(({ name, units, size }, l) => {
      const own = edges.filter(({ layer }) => layer === l);
      const head = `${name}: ${countText(size)} ${size === 1 ? "unit" : "units"}${units.some(({ isBias }) => isBias) ? " and a bias neuron" : ""}`;
      const known = units.flatMap(({ value, delta, isBias }, i) =>
        value === "" || isBias ? [] : [`  unit ${i}: ${value}${delta === "" ? "" : `, δ ${delta}`}`],
      );
      const weights = own.filter(({ lines }) => lines.length > 0);
      const arrows = weights.map(({ from, to, lines }) => `  ${from} → ${to}: ${lines.join(", ")}`);
      const plain =
        weights.length > 0 || own.length === 0
          ? []
          : [
              `  weights from ${numberText(own.reduce((a, { weight }) => Math.min(a, weight), Infinity))} to ${numberText(own.reduce((a, { weight }) => Math.max(a, weight), -Infinity))} on the arrows that are drawn`,
            ];
      return [head, ...known, ...arrows, ...plain];
    })
    .join("\n");
}
