// The worker that arranges a tape: dagre takes longer than a frame, and is loaded only here.

import { Graph, layout } from "@dagrejs/dagre";

export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}
export interface Line {
  readonly from: string;
  readonly to: string;
  readonly width: number;
  readonly height: number;
}
export interface Question {
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}
export interface Arranged {
  readonly width: number;
  readonly height: number;
  /** Middle of each box, in the order of the question. */
  readonly boxes: readonly { readonly x: number; readonly y: number }[];
  readonly lines: readonly {
    readonly points: readonly { readonly x: number; readonly y: number }[];
    /** Middle of its label. */
    readonly x: number;
    readonly y: number;
  }[];
}

function arranged({ boxes, lines }: Question): Arranged {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 18, ranksep: 26, edgesep: 10, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const [i, { from, to, width, height }] of lines.entries())
    graph.setEdge(from, to, { width, height, labelpos: "c" }, String(i));
  layout(graph);
  const { width, height } = graph.graph() as { width: number; height: number };
  return {
    width,
    height,
    boxes: boxes.map(({ id }) => {
      const { x, y } = graph.node(id) as { x: number; y: number };
      return { x, y };
    }),
    lines: lines.map(({ from, to }, i) => {
      const { points, x, y } = graph.edge(from, to, String(i)) as Arranged["lines"][number];
      return { points, x, y };
    }),
  };
}

addEventListener("message", ({ data }: MessageEvent<Question>) => postMessage(arranged(data)));
