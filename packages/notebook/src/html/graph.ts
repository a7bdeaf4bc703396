// Boxes and arrows. The way to the loss has one colour and plain lines, the way back another and dashed ones.

import { counted } from "../views/number-text.ts";
import type { GraphEdge, GraphNode, GraphView } from "../views/view.ts";
import { folded } from "./graph-fold.ts";
import { FONT, type Layout, LINE, LONGEST, layoutOf } from "./graph-layout.ts";
import { type Markup, markup, place } from "./markup.ts";
import { shortened } from "./measure.ts";
import { type Palette, SANS } from "./palette.ts";
import type { Canvas, LegendEntry, Picture } from "./picture.ts";

const DASH = "5 3";

function lines(all: readonly string[], x: number, y: number, colour: string, firstIsBold: boolean): Markup {
  const top = y - ((all.length - 1) * LINE) / 2 + 4;
  return markup`${all.map(
    (line, i) =>
      markup`<text x="${place(x)}" y="${place(top + i * LINE)}" text-anchor="middle" fill="${colour}"${firstIsBold && i === 0 ? markup` font-weight="600"` : ""}>${shortened(line, LONGEST, FONT)}</text>`,
  )}`;
}

function drawnNode(node: GraphNode, box: Layout["nodes"][number], palette: Palette): Markup {
  const { x, y, width, height } = box;
  const colour = palette(node.pass);
  const [fill, line] =
    node.role === "step"
      ? [palette(`${node.pass}Fill`), colour]
      : node.role === "output"
        ? [palette(`${node.pass}Fill`), palette("ink")]
        : [palette("paper"), colour];
  // Steps are boxes; what comes from outside has round ends, and constants, which have no gradient, dots around them.
  const round = node.role === "step" ? 4 : node.role === "output" ? 2 : height / 2;
  const dash =
    node.role === "constant"
      ? markup` stroke-dasharray="2 2"`
      : node.pass === "backward"
        ? markup` stroke-dasharray="${DASH}"`
        : "";
  const strength = node.role === "output" || node.role === "variable" ? 2 : 1.2;
  return markup`<g class="adj-node" data-id="${node.id}" data-role="${node.role}" data-pass="${node.pass}"><rect x="${place(x)}" y="${place(y)}" width="${place(width)}" height="${place(height)}" rx="${place(round)}" fill="${fill}" stroke="${line}" stroke-width="${strength}"${dash}/>${lines(node.lines, x + width / 2, y + height / 2, palette("ink"), true)}</g>`;
}

function drawnEdge(edge: GraphEdge, arrow: NonNullable<Layout["arrows"][number]>, palette: Palette): Markup {
  const colour = palette(edge.pass);
  const [start, ...rest] = arrow.curve.map(([x, y]) => `${place(x)},${place(y)}`);
  const head = arrow.head.map(([x, y]) => `${place(x)},${place(y)}`).join(" ");
  const dash = edge.pass === "backward" ? markup` stroke-dasharray="${DASH}"` : "";
  const label =
    arrow.label === undefined || edge.lines.length === 0
      ? ""
      : lines(edge.lines, arrow.label[0], arrow.label[1], colour, false);
  return markup`<g class="adj-edge" data-from="${edge.from}" data-to="${edge.to}" data-pass="${edge.pass}"><path d="M${start ?? "0,0"}${rest.length > 0 ? `C${rest.join(" ")}` : ""}" fill="none" stroke="${colour}" stroke-width="1.3"${dash}/><polygon points="${head}" fill="${colour}"/>${label}</g>`;
}

/** The signs of the two passes; none where there is only one. */
function passLegend(view: GraphView, palette: Palette): LegendEntry[] {
  const passes = (["forward", "backward"] as const).filter(
    (pass) => view.nodes.some((node) => node.pass === pass) || view.edges.some((edge) => edge.pass === pass),
  );
  if (passes.length < 2) return [];
  return passes.map((pass) => ({
    name: pass === "forward" ? "forward: to the result" : "backward: gradients",
    sign: markup`<path d="M1,6H19" stroke="${palette(pass)}" stroke-width="1.6"${pass === "backward" ? markup` stroke-dasharray="${DASH}"` : ""}/><polygon points="18,2.5 25,6 18,9.5" fill="${palette(pass)}"/>`,
  }));
}

/**
 * Draws a graph; undefined for one that is too large, even with its groups folded. Node ids stand in `data-id`, those of an
 * arrow's ends in `data-from` and `data-to`.
 */
export async function drawGraph(
  view: GraphView,
  canvas: Canvas,
): Promise<{ picture: Picture; legend: LegendEntry[] } | undefined> {
  const fold = folded(view);
  if (fold === undefined) return undefined;
  const { graph, note } = fold;
  const { palette } = canvas;
  const layout = await layoutOf(graph);
  const frames = graph.groups.flatMap((group) => {
    const frame = layout.frames.get(group.id);
    if (frame === undefined) return [];
    return [
      markup`<g class="adj-frame" data-id="${group.id}"><rect x="${place(frame.x)}" y="${place(frame.y)}" width="${place(frame.width)}" height="${place(frame.height)}" rx="6" fill="${palette("raised")}" stroke="${palette("line")}"/><text x="${place(frame.label[0])}" y="${place(frame.label[1] + 4)}" text-anchor="middle" fill="${palette("soft")}">${shortened(group.label, LONGEST, FONT)}</text></g>`,
    ];
  });
  const edges = graph.edges.flatMap((edge, i) => {
    const arrow = layout.arrows[i];
    return arrow === undefined ? [] : [drawnEdge(edge, arrow, palette)];
  });
  const nodes = graph.nodes.flatMap((node, i) => {
    const box = layout.nodes[i];
    return box === undefined ? [] : [drawnNode(node, box, palette)];
  });
  const astray = graph.edges.length - edges.length;
  return {
    picture: {
      width: Math.ceil(Math.max(layout.width, 40)),
      height: Math.ceil(Math.max(layout.height, 20)),
      notes: [
        note,
        graph.nodes.length === 0 ? "The graph has no nodes." : "",
        astray > 0 ? `${counted(astray, "edge")} left out: from or to a node that is not there.` : "",
      ].filter((each) => each !== ""),
      body: markup`<g font-family="${SANS}" font-size="${FONT}">${frames}${edges}${nodes}</g>`,
    },
    legend: passLegend(graph, palette),
  };
}

/** A graph in a sentence, for those who can't see it. */
export function graphSentence(view: GraphView): string {
  return `Graph${view.title === "" ? "" : ` "${view.title}"`} of ${counted(view.nodes.length, "node")} and ${counted(view.edges.length, "edge")}; as text below.`;
}
