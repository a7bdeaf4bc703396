// Graphs: boxes and arrows.

import { checkOptions, checkText, kindOf } from "./check.ts";
import type { GraphEdge, GraphNode, GraphView } from "./view.ts";

/** A box as `graph` takes it; a step of the forward pass unless it says otherwise. */
export type NodeLike = Pick<GraphNode, "id" | "lines"> & Partial<GraphNode>;
/** An arrow as `graph` takes it; of the forward pass and without text unless it says otherwise. */
export type EdgeLike = Pick<GraphEdge, "from" | "to"> & Partial<GraphEdge>;

/** The options of `graph`. */
export interface GraphOptions {
  /** Stands above; none by default. */
  readonly title?: string;
  /** Frames around nodes. */
  readonly groups?: GraphView["groups"];
  /** The same as text; made of the arrows by default. */
  readonly text?: string;
  /** A line below, such as what was left out. */
  readonly note?: string;
}

/**
 * Boxes and arrows: `graph([{ id: "x", lines: ["x"], role: "input" }, { id: "y", lines: ["tanh"] }], [{ from: "x", to: "y" }])`.
 * Throws TypeError for two nodes of one id, and for an arrow or a group that leads to a node or a frame that isn't there.
 */
export function graph(
  nodes: readonly NodeLike[],
  edges: readonly EdgeLike[],
  options: GraphOptions = {},
): GraphView {
  checkOptions("graph", options, ["title", "groups", "text", "note"]);
  for (const [what, list] of [
    ["nodes", nodes],
    ["edges", edges],
  ] as const)
    if (!Array.isArray(list))
      throw new TypeError(`graph: the ${what} are ${kindOf(list)} and must be an array`);
  const { groups = [] } = options;
  const ids = new Set<string>();
  for (const { id, lines } of nodes) {
    if (typeof id !== "string" || !Array.isArray(lines))
      throw new TypeError(`graph: a node needs an id and lines, { id: "x", lines: ["x"] }`);
    if (ids.has(id)) throw new TypeError(`graph: two nodes are called "${id}"; an id names one node`);
    ids.add(id);
  }
  const frames = new Set(groups.map(({ id }) => id));
  for (const { id, parent } of groups)
    if (parent !== undefined && !frames.has(parent))
      throw new TypeError(`graph: the group "${id}" lies in "${parent}", which is not among the groups`);
  for (const { id, group } of nodes)
    if (group !== undefined && !frames.has(group))
      throw new TypeError(`graph: node "${id}" is in the group "${group}", which is not among the groups`);
  for (const { from, to } of edges)
    for (const end of [from, to])
      if (!ids.has(end))
        throw new TypeError(`graph: an arrow from "${from}" to "${to}", and there is no node "${end}"`);
  const boxes = nodes.map(
    (node): GraphNode => ({ role: "step", pass: "forward", ...node, lines: node.lines.map(String) }),
  );
  const arrows = edges.map(
    (edge): GraphEdge => ({ pass: "forward", ...edge, lines: (edge.lines ?? []).map(String) }),
  );
  return {
    kind: "graph",
    title: checkText("graph", "the title", options.title),
    nodes: boxes,
    edges: arrows,
    groups: groups.map((group) => ({ ...group })),
    text: options.text ?? textOfGraph(boxes, arrows),
    note: checkText("graph", "the note", options.note),
  };
}

/** One line for each arrow, what goes forward first. */
function textOfGraph(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): string {
  const names = new Map(nodes.map(({ id, lines }) => [id, lines[0] ?? id]));
  const line = ({ from, to, lines }: GraphEdge) =>
    `${names.get(from)} → ${names.get(to)}${lines.length === 0 ? "" : `: ${lines.join(", ")}`}`;
  const forward = edges.filter(({ pass }) => pass === "forward").map(line);
  const backward = edges.filter(({ pass }) => pass === "backward").map(line);
  const touched = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const alone = nodes.filter(({ id }) => !touched.has(id)).map(({ lines }) => lines.join(", "));
  const parts = [...alone, ...forward, ...(backward.length === 0 ? [] : ["back:", ...backward])];
  return parts.join("\n");
}
