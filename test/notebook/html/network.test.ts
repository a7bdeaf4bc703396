import { describe, expect, it } from "vitest";
import { drawNetwork } from "../../../packages/notebook/src/html/network.ts";
import { filePalette } from "../../../packages/notebook/src/html/palette.ts";
import { all, type Parsed, parsed } from "./elements.ts";
import { networkOf } from "./samples.ts";

const canvas = { palette: filePalette("light"), width: 640, theme: "light" } as const;
const drawnOf = (sizes: readonly number[], hasLabels: boolean) => {
  const { picture, legend } = drawNetwork(networkOf(sizes, hasLabels), canvas);
  return { picture, legend, svg: parsed(`<svg>${picture.body.text}</svg>`) };
};
const numbers = (element: Parsed, names: readonly string[]) =>
  names.map((name) => Number(element.getAttribute(name)));
const rects = (svg: Parsed) =>
  all(svg, ".adj-label rect").map((rect) => numbers(rect, ["x", "y", "width", "height"]));

describe("networks", () => {
  it.each([[[2, 2, 1]], [[1, 1]], [[3, 4, 2]], [[4, 5, 3]], [[2, 3, 3, 1]]])(
    "of %j units have labels on all arrows, none over another or over a circle",
    (sizes) => {
      const { svg, picture } = drawnOf(sizes, true);
      const labels = rects(svg);
      expect(labels).toHaveLength(networkOf(sizes, true).edges.length);
      const circles = all(svg, "circle").map((circle) => {
        const [x, y, r] = numbers(circle, ["cx", "cy", "r"]) as [number, number, number];
        return [x - r, y - r, 2 * r, 2 * r];
      });
      const overlap = ([ax, ay, aw, ah]: number[], [bx, by, bw, bh]: number[]) =>
        Math.min(ax! + aw!, bx! + bw!) - Math.max(ax!, bx!) > 0.2 &&
        Math.min(ay! + ah!, by! + bh!) - Math.max(ay!, by!) > 0.2;
      labels.forEach((label, i) => {
        expect([...labels.slice(i + 1), ...circles].some((other) => overlap(label, other))).toBe(false);
        expect(label[0]! >= 0 && label[0]! + label[2]! <= picture.width).toBe(true);
      });
    },
  );

  it("have the bias units on top of their column", () => {
    const { svg } = drawnOf([2, 2, 1], true);
    const column = all(svg, '.adj-unit[data-layer="0"] circle').map((circle) =>
      Number(circle.getAttribute("cy")),
    );
    expect(column[0]).toBe(Math.min(...column));
    expect(all(svg, '.adj-unit[data-layer="0"] text').map((text) => text.textContent)).toEqual([
      "1",
      "0.100",
      "0.200",
    ]);
  });

  it("write δ at their units, and W and ∇ on their arrows", () => {
    const { svg } = drawnOf([2, 2, 1], true);
    const output = all(svg, '.adj-unit[data-layer="2"] text').map((text) => text.textContent);
    expect(output).toEqual(["2.100", "δ 0.0130"]);
    const label = svg.querySelector('.adj-label[data-layer="1"][data-from="2"][data-to="0"]')!;
    expect(all(label, "text").map((text) => text.textContent)).toEqual(
      ["W 0.990", "∇ 0.0330"].map((each) => expect.stringMatching(each.slice(0, 3))),
    );
  });

  it("that are large show weights by strength, colour and dashes, with a legend", () => {
    const { svg, legend } = drawnOf([8, 16, 10], false);
    expect(legend.map((entry) => entry.name)).toEqual(["weight above 0", "weight below 0"]);
    const { edges } = networkOf([8, 16, 10], false);
    const dashed = all(svg, ".adj-edge path[stroke-dasharray]");
    expect(dashed).toHaveLength(edges.filter((edge) => edge.weight < 0).length);
  });

  it("say how many arrows and units are left out", () => {
    const { picture, svg } = drawnOf(new Array<number>(10).fill(20), false);
    expect(picture.notes[0]).toBe("The 1,200 strongest of 2,448 arrows are drawn.");
    // The same of each layer, with a bias unit or without.
    const said = all(svg, "text").map((text) => text.textContent);
    expect(said.filter((text) => text.includes("more"))).toEqual(new Array(10).fill("⋮ 4 more"));
  });
});
