// Large graphs made small enough to be read: groups become one box each, the innermost first.

import type { GraphEdge, GraphNode, GraphView, Pass } from "../views/view.ts";

/** Laying out takes time that grows faster than the graph: with this many nodes, well under a second. */
export const MOST_NODES = 160;
export const MOST_EDGES = 320;

type Group = GraphView["groups"][number];

/** Whether a graph can be laid out in time. */
export function isDrawable({ nodes, edges }: GraphView): boolean {
  return nodes.length <= MOST_NODES && edges.length <= MOST_EDGES;
}

/** Depths of groups by id: 0 outside. A ring of parents, which can't be meant, ends where it closes. */
function depthsOf(groups: readonly Group[]): Map<string, number> {
  const byId = new Map(groups.map((group) => [group.id, group]));
  const depths = new Map<string, number>();
  for (const group of groups) {
    const seen = new Set<string>();
    let each: Group | undefined = group;
    while (each?.parent !== undefined && !seen.has(each.id)) {
      seen.add(each.id);
      each = byId.get(each.parent);
    }
    depths.set(group.id, seen.size);
  }
  return depths;
}

/** The graph with the groups of that depth and deeper folded. Steps of the two passes make a box each. */
function foldedAt(view: GraphView, depth: number, depths: ReadonlyMap<string, number>): GraphView {
  const byId = new Map(view.groups.map((group) => [group.id, group]));
  /** The outermost group around a node that is folded. */
  const foldOf = (node: GraphNode): Group | undefined => {
    let group = node.group === undefined ? undefined : byId.get(node.group);
    const seen = new Set<string>();
    while (group?.parent !== undefined && (depths.get(group.id) ?? 0) > depth && !seen.has(group.id)) {
      seen.add(group.id);
      group = byId.get(group.parent);
    }
    return group !== undefined && (depths.get(group.id) ?? 0) >= depth ? group : undefined;
  };
  const boxes = new Map<string, { group: Group; pass: Pass; count: number }>();
  const placeOf = new Map<string, string>();
  const nodes: GraphNode[] = [];
  for (const node of view.nodes) {
    const group = foldOf(node);
    if (group === undefined) {
      nodes.push(node);
      placeOf.set(node.id, node.id);
      continue;
    }
    const id = JSON.stringify([group.id, node.pass]);
    const box = boxes.get(id) ?? { group, pass: node.pass, count: 0 };
    box.count++;
    boxes.set(id, box);
    placeOf.set(node.id, id);
  }
  for (const [id, { group, pass, count }] of boxes)
    nodes.push({
      id,
      role: "step",
      pass,
      lines: [group.label, count === 1 ? "1 step" : `${count} steps`],
      ...(group.parent === undefined ? {} : { group: group.parent }),
    });
  const edges = new Map<string, { edge: GraphEdge; count: number }>();
  for (const edge of view.edges) {
    const [from, to] = [placeOf.get(edge.from), placeOf.get(edge.to)];
    if (from === undefined || to === undefined || (from === to && edge.from !== edge.to)) continue;
    const key = JSON.stringify([from, to, edge.pass]);
    const known = edges.get(key);
    if (known === undefined) edges.set(key, { edge: { ...edge, from, to }, count: 1 });
    else known.count++;
  }
  return {
    ...view,
    nodes,
    edges: [...edges.values()].map(({ edge, count }) =>
      count === 1 ? edge : { ...edge, lines: [`${count} edges`] },
    ),
    groups: view.groups.filter((group) => (depths.get(group.id) ?? 0) < depth),
  };
}

/** The graph folded as little as makes it drawable; undefined where folding does not. */
export function folded(view: GraphView): { graph: GraphView; note: string } | undefined {
  if (isDrawable(view)) return { graph: view, note: "" };
  const depths = depthsOf(view.groups);
  for (let depth = Math.max(-1, ...depths.values()); depth >= 0; depth--) {
    const graph = foldedAt(view, depth, depths);
    if (isDrawable(graph))
      return {
        graph,
        note: `The graph has ${view.nodes.length.toLocaleString("en-GB")} nodes: its groups are folded to a box each.`,
      };
  }
  return undefined;
}
