// Where the boxes and arrows of a graph lie, by Graphviz. It gets sizes only, no text of the reader's: names are numbers and
// labels are empty tables of the size that the text needs, so nothing in a label can be taken for Graphviz's language.

import { type Graph, instance, type Subgraph, type Viz } from "@viz-js/viz";
import type { GraphView } from "../views/view.ts";
import { textWidth } from "./measure.ts";

export const FONT = 12;
export const LINE = 15;
/** Lines of text wider than this are cut. */
export const LONGEST = 340;
/** Graphviz measures in points, sizes of nodes in inches of 72. */
const INCH = 72;

type Point = readonly [number, number];

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Arrow {
  /** A Bézier curve: a start, and three points for each piece. */
  readonly curve: readonly Point[];
  /** The corners of its head. */
  readonly head: readonly Point[];
  /** The middle of its label; undefined where it has none. */
  readonly label: Point | undefined;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Box[];
  readonly arrows: readonly (Arrow | undefined)[];
  /** Frames by the id of their group, with the middle of their label. */
  readonly frames: ReadonlyMap<string, Box & { readonly label: Point }>;
}

/** The size of lines of text. */
export function sizeOf(lines: readonly string[]): { width: number; height: number } {
  return {
    width: Math.ceil(Math.max(0, ...lines.map((line) => Math.min(textWidth(line, FONT), LONGEST)))),
    height: lines.length * LINE,
  };
}

let viz: Promise<Viz> | undefined;

/** An empty label of a size. */
const space = ({ width, height }: { width: number; height: number }) => ({
  html: `<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" FIXEDSIZE="TRUE" WIDTH="${width}" HEIGHT="${height}"><TR><TD></TD></TR></TABLE>`,
});

/** The graph in the words of Graphviz. Steps run from the top to the bottom. */
function described(view: GraphView): Graph {
  const places = new Map(view.nodes.map((node, i) => [node.id, i]));
  const groups = new Map(view.groups.map((group) => [group.id, group]));
  const node = (i: number) => {
    const { width, height } = sizeOf(view.nodes[i]!.lines);
    const attributes = {
      width: (Math.max(width, 16) + 20) / INCH,
      height: (Math.max(height, LINE) + 12) / INCH,
    };
    return { name: `n${i}`, attributes };
  };
  const isInside = (group: string | undefined) => group !== undefined && groups.has(group);
  const seen = new Set<string>();
  const clusters = (parent: string | undefined): Subgraph[] =>
    view.groups.flatMap((group, i) => {
      const isChild = parent === undefined ? !isInside(group.parent) : group.parent === parent;
      if (!isChild || seen.has(group.id)) return [];
      seen.add(group.id);
      const nodes = view.nodes.flatMap((each, j) => (each.group === group.id ? [node(j)] : []));
      const label = space({ width: sizeOf([group.label]).width + 8, height: LINE + 2 });
      return [
        {
          name: `cluster_${i}`,
          graphAttributes: { label, margin: 12 },
          nodes,
          subgraphs: clusters(group.id),
        },
      ];
    });
  const subgraphs = clusters(undefined);
  return {
    graphAttributes: { rankdir: "TB", nodesep: 0.3, ranksep: 0.35, pad: 0.05, outputorder: "edgeslast" },
    nodeAttributes: { shape: "box", fixedsize: true, label: "" },
    edgeAttributes: { arrowsize: 0.7 },
    nodes: view.nodes.flatMap((each, i) => (isInside(each.group) ? [] : [node(i)])),
    edges: view.edges.flatMap((edge, i) => {
      const [from, to] = [places.get(edge.from), places.get(edge.to)];
      if (from === undefined || to === undefined) return [];
      const { width, height } = sizeOf(edge.lines);
      const label = edge.lines.length === 0 ? {} : { label: space({ width: width + 8, height }) };
      return [{ tail: `n${from}`, head: `n${to}`, attributes: { id: String(i), ...label } }];
    }),
    subgraphs,
  };
}

interface Drawing {
  readonly op: string;
  readonly points?: readonly Point[];
}
interface Output {
  readonly bb: string;
  readonly objects?: readonly {
    readonly name: string;
    readonly bb?: string;
    readonly lp?: string;
    readonly pos?: string;
    readonly width?: string;
    readonly height?: string;
  }[];
  readonly edges?: readonly {
    readonly id: string;
    readonly lp?: string;
    readonly _draw_?: readonly Drawing[];
    readonly _hdraw_?: readonly Drawing[];
  }[];
}

/** Lays a graph out. Throws Error with Graphviz's words where it can't. */
export async function layoutOf(view: GraphView): Promise<Layout> {
  viz ??= instance();
  const result = (await viz).renderJSON(described(view)) as Output;
  const numbers = (text: string) => text.split(",").map(Number);
  const [left, bottom, right, top] = numbers(result.bb) as [number, number, number, number];
  const margin = 4;
  // Graphviz counts upwards, SVG downwards.
  const point = ([x, y]: Point): Point => [x - left + margin, top - y + margin];
  const at = (text: string): Point => point(numbers(text) as [number, number]);
  const nodes: Box[] = [];
  const frames = new Map<string, Box & { label: Point }>();
  for (const object of result.objects ?? []) {
    if (object.name.startsWith("cluster_")) {
      const [x0, y0, x1, y1] = numbers(object.bb!) as [number, number, number, number];
      const [x, y] = point([x0, y1]);
      const label: Point = object.lp === undefined ? [x + (x1 - x0) / 2, y + 12] : at(object.lp);
      frames.set(view.groups[Number(object.name.slice(8))]!.id, {
        x,
        y,
        width: x1 - x0,
        height: y1 - y0,
        label,
      });
    } else if (object.name.startsWith("n")) {
      const [width, height] = [Number(object.width) * INCH, Number(object.height) * INCH];
      const [x, y] = at(object.pos!);
      nodes[Number(object.name.slice(1))] = { x: x - width / 2, y: y - height / 2, width, height };
    }
  }
  const arrows: (Arrow | undefined)[] = view.edges.map(() => undefined);
  for (const edge of result.edges ?? []) {
    const points = (drawings: readonly Drawing[] | undefined, op: string) =>
      (drawings?.find((drawing) => drawing.op.toLowerCase() === op)?.points ?? []).map(point);
    arrows[Number(edge.id)] = {
      curve: points(edge._draw_, "b"),
      head: points(edge._hdraw_, "p"),
      label: edge.lp === undefined ? undefined : at(edge.lp),
    };
  }
  return { width: right - left + 2 * margin, height: top - bottom + 2 * margin, nodes, arrows, frames };
}
