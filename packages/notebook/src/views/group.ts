// Several views under one title.

import type { Cells, ChartView, GridView, GroupView, View } from "./view.ts";

/** How views of a group stand, and what they share. */
export interface GroupOptions {
  /** Stands above; none by default. */
  readonly title?: string;
  /** One under the other ("column"), unless it is said that they stand in a row. */
  readonly arrangement?: "row" | "column";
  /** "common": heat maps and fields whose numbers have one name get one range, from the least to the most of all; "own" by default. */
  readonly range?: "own" | "common";
}

export function groupOf(
  parts: readonly View[],
  { title = "", arrangement = "column", range = "own" }: GroupOptions = {},
): GroupView {
  return { kind: "group", title, parts: range === "common" ? inOneRange(parts) : parts, arrangement };
}

type Coloured = GridView | Extract<ChartView["layers"][number], { mark: "field" }>;

const isScaled = ({ colours }: Cells) => colours === "sequential" || colours === "diverging";

/** A view with each of its heat maps and fields made another; `name` is what the numbers are. */
function mapCells(view: View, make: <T extends Coloured>(cells: T, name: string) => T): View {
  if (view.kind === "grid") return isScaled(view) ? make(view, view.label) : view;
  if (view.kind === "group") return { ...view, parts: view.parts.map((part) => mapCells(part, make)) };
  if (view.kind !== "chart") return view;
  return {
    ...view,
    layers: view.layers.map((layer) => (layer.mark === "field" ? make(layer, layer.name) : layer)),
  };
}

/** Views whose numbers have one name in one range. Two sides around 0 stay alike; where some have one side alone, all get two. */
function inOneRange(parts: readonly View[]): readonly View[] {
  const found = new Map<string, { low: number; high: number; hasTwoSides: boolean }>();
  const note = <T extends Coloured>(cells: T, name: string): T => {
    const known = found.get(name) ?? { low: Infinity, high: -Infinity, hasTwoSides: false };
    found.set(name, {
      low: Math.min(known.low, cells.range[0]),
      high: Math.max(known.high, cells.range[1]),
      hasTwoSides: known.hasTwoSides || cells.colours === "diverging",
    });
    return cells;
  };
  for (const part of parts) mapCells(part, note);
  const share = <T extends Coloured>(cells: T, name: string): T => {
    const { low, high, hasTwoSides } = found.get(name)!;
    if (!hasTwoSides) return { ...cells, range: [low, high] };
    const most = Math.max(Math.abs(low), Math.abs(high));
    return { ...cells, colours: "diverging", range: [-most, most] };
  };
  return parts.map((part) => mapCells(part, share));
}
