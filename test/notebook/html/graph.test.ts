import { describe, expect, it } from "vitest";
import { drawGraph } from "../../../packages/notebook/src/html/graph.ts";
import { folded, MOST_NODES } from "../../../packages/notebook/src/html/graph-fold.ts";
import { htmlOf, svgOf } from "../../../packages/notebook/src/html/index.ts";
import { filePalette } from "../../../packages/notebook/src/html/palette.ts";
import type { GraphView } from "../../../packages/notebook/src/views/view.ts";
import { all, parsed } from "./elements.ts";
import { longGraph, ODD, smallGraph } from "./samples.ts";

const canvas = { palette: filePalette("light"), width: 640, theme: "light" } as const;

describe("graphs", () => {
  it("write each edge's lines beside the arrow between its two nodes", async () => {
    const svg = parsed((await svgOf(smallGraph, { theme: "light" }))!);
    const edges = all(svg, ".adj-edge").map((edge) => ({
      from: edge.getAttribute("data-from"),
      to: edge.getAttribute("data-to"),
      pass: edge.getAttribute("data-pass"),
      lines: all(edge, "text").map((text) => text.textContent),
    }));
    expect(edges).toEqual(smallGraph.edges);
    expect(all(svg, ".adj-node").map((node) => node.getAttribute("data-id"))).toEqual(
      smallGraph.nodes.map((node) => node.id),
    );
  });

  it("start each arrow at the edge of its first node and end it at its second", async () => {
    const svg = parsed((await svgOf(smallGraph, { theme: "light" }))!);
    const box = (id: string) => {
      const rect = svg.querySelector(`.adj-node[data-id="${id}"] rect`)!;
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) =>
        Number(rect.getAttribute(name)),
      ) as [number, number, number, number];
      return (px: number, py: number) =>
        px > x - 2 && px < x + width + 2 && py > y - 2 && py < y + height + 2;
    };
    for (const edge of all(svg, ".adj-edge")) {
      const start = /^M(-?[\d.]+),(-?[\d.]+)/.exec(edge.querySelector("path")!.getAttribute("d")!)!;
      expect(box(edge.getAttribute("data-from")!)(Number(start[1]), Number(start[2]))).toBe(true);
      const tips = edge
        .querySelector("polygon")!
        .getAttribute("points")!
        .split(" ")
        .map((each) => each.split(",").map(Number));
      expect(tips.some(([x, y]) => box(edge.getAttribute("data-to")!)(x!, y!))).toBe(true);
    }
  });

  it("go from the top down, with each group's frame around its nodes", async () => {
    const svg = parsed((await svgOf(smallGraph, { theme: "light" }))!);
    const placeOf = (selector: string) => {
      const rect = svg.querySelector(`${selector} rect`)!;
      const [y, height] = ["y", "height"].map((name) => Number(rect.getAttribute(name)));
      return { top: y!, bottom: y! + height! };
    };
    const node = (id: string) => placeOf(`.adj-node[data-id="${id}"]`);
    for (const { from, to } of smallGraph.edges) expect(node(from).bottom).toBeLessThan(node(to).top);
    const frame = placeOf('.adj-frame[data-id="layer"]');
    expect(frame.top).toBeLessThan(node("mul").top);
    expect(frame.bottom).toBeGreaterThan(node("add").bottom);
  });

  it("tell the way back by its colour and by dashes, with a legend", async () => {
    const { legend, picture } = (await drawGraph(smallGraph, canvas))!;
    expect(legend.map((entry) => entry.name)).toEqual(["forward: to the result", "backward: gradients"]);
    const svg = parsed(`<svg>${picture.body.text}</svg>`);
    const looks = (pass: string) =>
      new Set(
        all(svg, `.adj-edge[data-pass="${pass}"] path`).map(
          (path) => `${path.getAttribute("stroke")} ${path.getAttribute("stroke-dasharray")}`,
        ),
      );
    expect(looks("forward")).toEqual(new Set(["#0067a5 null"]));
    expect(looks("backward")).toEqual(new Set(["#b84700 5 3"]));
  });

  it("are folded by groups where they are large, and keep all edges between these", () => {
    const { graph, note } = folded(longGraph(400, true))!;
    expect(graph.nodes.map((node) => node.lines)).toEqual(
      Array.from({ length: 8 }, (_, i) => [`layer ${i}`, "50 steps"]),
    );
    expect(graph.edges).toHaveLength(7);
    expect(note).toBe("The graph has 400 nodes: its groups are folded to a box each.");
  });

  it("are folded to a box for each pass of a group, and edges of the two passes stay apart", () => {
    const view = longGraph(400, true);
    const nodes = view.nodes.map((node, i): GraphView["nodes"][number] =>
      i % 50 < 20 ? { ...node, pass: "backward" } : node,
    );
    const back = view.edges.map((edge): GraphView["edges"][number] => ({ ...edge, pass: "backward" }));
    const { graph } = folded({ ...view, nodes, edges: [...view.edges, ...back] })!;
    const boxes = (pass: string) => graph.nodes.filter((node) => node.pass === pass);
    expect(boxes("backward").map((node) => node.lines[1])).toEqual(new Array(8).fill("20 steps"));
    expect(boxes("forward").map((node) => node.lines[1])).toEqual(new Array(8).fill("30 steps"));
    // Between 16 boxes in a chain there are 15 steps, and each has an edge of either pass.
    const edges = (pass: string) => graph.edges.filter((edge) => edge.pass === pass);
    expect([edges("forward").length, edges("backward").length]).toEqual([15, 15]);
  });

  it("are folded from the inside: outer groups stay open while that is enough", () => {
    const view: GraphView = longGraph(400, true);
    const nested = {
      ...view,
      groups: [
        { id: "model", label: "model" },
        ...view.groups.map((group) => ({ ...group, parent: "model" })),
      ],
    };
    const { graph } = folded(nested)!;
    expect(graph.groups.map((group) => group.id)).toEqual(["model"]);
    expect(new Set(graph.nodes.map((node) => node.group))).toEqual(new Set(["model"]));
  });

  it("that are too large even so aren't drawn but written", () => {
    expect(folded(longGraph(MOST_NODES + 1, false))).toBeUndefined();
    expect(folded(longGraph(MOST_NODES, false))?.graph.nodes).toHaveLength(MOST_NODES);
  });

  it("have the first lines of their text where it is very long, and say so", async () => {
    const html = await htmlOf(ODD["graph of 10,000 steps"]!);
    expect(html).toContain("s1999\n… (8,000 lines left out)</pre>");
    expect(html).not.toContain("s2000");
  });

  it("say that an edge leads nowhere", async () => {
    const { picture } = (await drawGraph(ODD["edge to nowhere"] as GraphView, canvas))!;
    expect(picture.notes).toEqual(["1 edge left out: from or to a node that is not there."]);
  });
});
