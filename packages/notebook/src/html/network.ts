// Networks as the lecture draws them: a column of circles for each layer, bias units on top, x in the circles and δ beside
// them, W and ∇ on the arrows. Where arrows are many and carry no text, their strength is the weight's size and their
// colour, and dashes, its sign.

import { counted } from "../views/number-text.ts";
import type { NetworkEdge, NetworkLayer, NetworkView } from "../views/view.ts";
import { type Markup, markup, place } from "./markup.ts";
import { shortened, textWidth } from "./measure.ts";
import { type Labelled, labelPlaces, type Rect } from "./network-labels.ts";
import { type Palette, SANS } from "./palette.ts";
import type { Canvas, LegendEntry, Picture } from "./picture.ts";

const FONT = 12;
const LINE = 14;
/** More arrows than this are a grey cloud, and a page that scrolls slowly: only the strongest are drawn. */
const MOST_ARROWS = 1_200;
/** Text wider than this is cut: in circles, and beside circles and on arrows. */
const IN_CIRCLE = 90;
const BESIDE = 150;
/** Wider spacing until labels lie apart; after the last, the least bad. */
const SPREADS = [1, 1.25, 1.5, 1.8, 2.2, 2.7, 3.3];

interface Plan {
  readonly width: number;
  readonly height: number;
  readonly radius: number;
  /** Middles of the circles, layer by layer. */
  readonly centres: readonly (readonly (readonly [number, number])[])[];
  readonly places: readonly (Rect | undefined)[];
}

const deltaText = (delta: string) => shortened(`δ ${delta}`, BESIDE, FONT);
const lineText = (line: string) => shortened(line, BESIDE, FONT);
const valueText = (value: string) => shortened(value, IN_CIRCLE, FONT);

/** The bias units of a layer first, as the lecture has them on top. */
function order(layer: NetworkLayer): number[] {
  const all = layer.units.map((_, i) => i);
  return [...all.filter((i) => layer.units[i]!.isBias), ...all.filter((i) => !layer.units[i]!.isBias)];
}

function planned(view: NetworkView, spread: number, canvas: Canvas): Plan & { isClear: boolean } {
  const most = Math.max(1, ...view.layers.map((layer) => layer.units.length));
  const texts = view.layers.flatMap((layer) => layer.units.map((unit) => valueText(unit.value)));
  const radius = Math.max(most > 12 ? 9 : 16, ...texts.map((text) => textWidth(text, FONT) / 2 + 7));
  const labels = view.edges.map((edge) => edgeSize(edge));
  const widest = Math.max(0, ...labels.map((size) => size.width));
  const deltas = Math.max(
    0,
    ...view.layers.flatMap((layer) =>
      layer.units.map((unit) => (unit.delta === "" ? 0 : textWidth(deltaText(unit.delta), FONT) + 12)),
    ),
  );
  const gapX =
    widest > 0
      ? (widest + 40) * 1.7 * spread
      : Math.max(110, Math.min(220, (canvas.width - 80) / Math.max(view.layers.length - 1, 1) - 2 * radius));
  // Between columns there is room for δ, and then for the arrows.
  const stepX = 2 * radius + Math.max(gapX, deltas + 40);
  const stepY =
    2 * radius + Math.max(most > 12 ? 5 : 18, widest > 0 ? 26 * spread : 0) + (deltas > 0 ? 12 : 0);
  const names = view.layers.map((layer) => textWidth(layer.name, FONT));
  const edge = (name: number | undefined) => Math.max(radius + 6, Math.min((name ?? 0) / 2, stepX / 2));
  const left = edge(names[0]);
  const right = Math.max(edge(names.at(-1)), radius + 8);
  const above = 26 + (deltas > 0 ? 16 : 0);
  const isCut = view.layers.some((layer) => layer.size > layer.units.filter((unit) => !unit.isBias).length);
  const height = above + 2 * radius + (most - 1) * stepY + (isCut ? 24 : 4);
  const centres = view.layers.map((layer, column) => {
    const top = above + ((most - layer.units.length) * stepY) / 2;
    const at: (readonly [number, number])[] = [];
    order(layer).forEach((unit, row) => {
      at[unit] = [left + column * stepX, top + radius + row * stepY];
    });
    return at;
  });
  const taken: Rect[] = centres.flatMap((column, i) =>
    column.flatMap(([x, y], j) => {
      const { delta } = view.layers[i]!.units[j]!;
      const circle = { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
      const width = textWidth(deltaText(delta), FONT);
      return delta === "" ? [circle] : [circle, { x: x - width / 2, y: y - radius - 17, width, height: 15 }];
    }),
  );
  const arrows: Labelled[] = [];
  const owners: number[] = [];
  view.edges.forEach((each, i) => {
    const [from, to] = ends(each, centres);
    if (from === undefined || to === undefined || each.lines.length === 0) return;
    arrows.push({ from, to, ...labels[i]! });
    owners.push(i);
  });
  const { places, isClear } = labelPlaces(arrows, taken);
  const byEdge: (Rect | undefined)[] = view.edges.map(() => undefined);
  owners.forEach((owner, i) => {
    byEdge[owner] = places[i];
  });
  return {
    width: left + Math.max(view.layers.length - 1, 0) * stepX + right,
    height,
    radius,
    centres,
    places: byEdge,
    isClear,
  };
}

function ends(edge: NetworkEdge, centres: Plan["centres"]) {
  return [centres[edge.layer]?.[edge.from], centres[edge.layer + 1]?.[edge.to]] as const;
}

function edgeSize(edge: NetworkEdge): { width: number; height: number } {
  if (edge.lines.length === 0) return { width: 0, height: 0 };
  return {
    width: Math.max(...edge.lines.map((line) => textWidth(lineText(line), FONT))) + 6,
    height: edge.lines.length * LINE + 3,
  };
}

function drawnEdge(edge: NetworkEdge, plan: Plan, most: number, palette: Palette): Markup {
  const [from, to] = ends(edge, plan.centres);
  if (from === undefined || to === undefined) return markup``;
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy) || 1;
  const { radius } = plan;
  const [x1, y1] = [from[0] + (dx / length) * radius, from[1] + (dy / length) * radius];
  const [x2, y2] = [to[0] - (dx / length) * (radius + 5), to[1] - (dy / length) * (radius + 5)];
  const data = markup` class="adj-edge" data-layer="${edge.layer}" data-from="${edge.from}" data-to="${edge.to}"`;
  const isPlain = edge.lines.length > 0;
  const share = Number.isFinite(edge.weight) ? Math.min(Math.abs(edge.weight) / most, 1) : 1;
  const colour = isPlain
    ? palette("soft")
    : Number.isFinite(edge.weight)
      ? palette(edge.weight < 0 ? "backward" : "forward")
      : palette("notANumber");
  const look = isPlain
    ? markup` stroke-width="1.1"`
    : markup` stroke-width="${place(0.4 + 1.8 * share)}" stroke-opacity="${place(0.25 + 0.75 * share)}"${edge.weight < 0 ? markup` stroke-dasharray="5 3"` : ""}`;
  const head = markup`<polygon transform="translate(${place(x2)},${place(y2)}) rotate(${place((Math.atan2(dy, dx) * 180) / Math.PI)})" points="5,0 -3,-3.2 -3,3.2" fill="${colour}"/>`;
  const line = markup`<path d="M${place(x1)},${place(y1)}L${place(x2)},${place(y2)}" stroke="${colour}" fill="none"${look}/>`;
  return markup`<g${data}>${line}${isPlain ? head : ""}</g>`;
}

/** What stands on an arrow, on a piece of paper of its own; drawn after all arrows, so that none runs over it. */
function drawnLabel(edge: NetworkEdge, label: Rect | undefined, palette: Palette): Markup {
  if (label === undefined) return markup``;
  return markup`<g class="adj-label" data-layer="${edge.layer}" data-from="${edge.from}" data-to="${edge.to}"><rect x="${place(label.x)}" y="${place(label.y)}" width="${place(label.width)}" height="${place(label.height)}" rx="3" fill="${palette("paper")}"/>${edge.lines.map(
    (each, i) =>
      markup`<text x="${place(label.x + label.width / 2)}" y="${place(label.y + 12 + i * LINE)}" text-anchor="middle" fill="${palette(i === 0 ? "ink" : "backward")}">${lineText(each)}</text>`,
  )}</g>`;
}

function drawnLayer(layer: NetworkLayer, column: number, plan: Plan, palette: Palette): Markup {
  const centres = plan.centres[column]!;
  const units = layer.units.map((unit, i) => {
    const [x, y] = centres[i]!;
    const value =
      unit.value === ""
        ? ""
        : markup`<text x="${place(x)}" y="${place(y + 4)}" text-anchor="middle" fill="${palette("ink")}">${valueText(unit.value)}</text>`;
    const delta =
      unit.delta === ""
        ? ""
        : markup`<text x="${place(x)}" y="${place(y - plan.radius - 5)}" text-anchor="middle" fill="${palette("backward")}">${deltaText(unit.delta)}</text>`;
    const look = unit.isBias
      ? markup` stroke-dasharray="3 2" fill="${palette("raised")}"`
      : markup` fill="${palette("forwardFill")}"`;
    return markup`<g class="adj-unit" data-layer="${column}" data-unit="${i}"><circle cx="${place(x)}" cy="${place(y)}" r="${place(plan.radius)}" stroke="${palette(unit.isBias ? "soft" : "forward")}" stroke-width="1.5"${look}/>${value}${delta}</g>`;
  });
  const x = centres[0]?.[0];
  if (x === undefined) return markup``;
  const lowest = Math.max(...centres.map((centre) => centre[1]));
  const drawn = layer.units.filter((unit) => !unit.isBias).length;
  const hidden = layer.size - drawn;
  const more =
    hidden > 0
      ? markup`<text x="${place(x)}" y="${place(lowest + plan.radius + 16)}" text-anchor="middle" fill="${palette("soft")}">⋮ ${hidden} more</text>`
      : "";
  return markup`${units}${more}`;
}

/** Draws a network; labels of arrows never lie over each other where the arrows are few enough to have them. */
export function drawNetwork(view: NetworkView, canvas: Canvas): { picture: Picture; legend: LegendEntry[] } {
  const { palette } = canvas;
  let plan = planned(view, SPREADS[0]!, canvas);
  for (let i = 1; i < SPREADS.length && !plan.isClear; i++) plan = planned(view, SPREADS[i]!, canvas);
  const sizes = view.edges.map((edge) => Math.abs(edge.weight)).filter(Number.isFinite);
  const most = sizes.reduce((a, b) => Math.max(a, b), 0) || 1;
  const step = plan.centres.length > 1 ? (plan.width - 60) / (plan.centres.length - 1) : plan.width;
  const names = view.layers.map((layer, i) => {
    const x = plan.centres[i]?.[0]?.[0];
    return x === undefined
      ? ""
      : markup`<text x="${place(x)}" y="14" text-anchor="middle" fill="${palette("soft")}">${shortened(layer.name, Math.max(step - 6, 60), FONT)}</text>`;
  });
  // Weak arrows first, so that strong ones lie on top.
  const edges = [...view.edges].sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight)).slice(-MOST_ARROWS);
  const hasWeights = view.edges.some((edge) => edge.lines.length === 0);
  const hasGradients = view.edges.some((edge) => edge.lines.length > 1);
  const sign = (name: string, dash: string) =>
    markup`<path d="M1,6H25" stroke="${palette(name)}" stroke-width="2.2" stroke-dasharray="${dash}" fill="none"/>`;
  return {
    picture: {
      width: Math.ceil(plan.width),
      height: Math.ceil(plan.height),
      notes: [
        view.layers.length === 0 ? "The network has no layers." : "",
        edges.length < view.edges.length
          ? `The ${edges.length.toLocaleString("en-GB")} strongest of ${view.edges.length.toLocaleString("en-GB")} arrows are drawn.`
          : "",
        hasWeights ? "The stronger an arrow, the larger the weight's size." : "",
        hasGradients ? "On the arrows: the weight, and below it its gradient." : "",
      ].filter((each) => each !== ""),
      body: markup`<g font-family="${SANS}" font-size="${FONT}" style="font-variant-numeric:tabular-nums">${edges.map((edge) => drawnEdge(edge, plan, most, palette))}${view.edges.map((edge, i) => drawnLabel(edge, plan.places[i], palette))}${view.layers.map((layer, i) => drawnLayer(layer, i, plan, palette))}${names}</g>`,
    },
    legend: hasWeights
      ? [
          { name: "weight above 0", sign: sign("forward", "") },
          { name: "weight below 0", sign: sign("backward", "5 3") },
        ]
      : [],
  };
}

/** A network in a sentence, for those who can't see it. */
export function networkSentence(view: NetworkView): string {
  const layers = view.layers.map((layer) => `${layer.name} (${layer.size})`).join(", ");
  return `Network${view.title === "" ? "" : ` "${view.title}"`} of ${counted(view.layers.length, "layer")}: ${layers}; as text below.`;
}
