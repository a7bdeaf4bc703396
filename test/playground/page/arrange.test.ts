// Where the page draws networks: pure functions of sizes.

import { describe, expect, test } from "vitest";
import {
  columns,
  linkWidth,
  nearestLink,
  unitsDrawn,
} from "../../../packages/playground/src/page/build/columns.ts";
import {
  arrange,
  circleBox,
  deltaBox,
  labelBox,
  shared,
  shiftOf,
} from "../../../packages/playground/src/page/lesson/arrange.ts";
import { arrangeTape } from "../../../packages/playground/src/page/zoom/arrange-tape.ts";

const lecture = [
  { size: 2, hasBias: true },
  { size: 2, hasBias: true },
  { size: 1, hasBias: false },
];

describe("the drawing of the lesson", () => {
  test("lets no name, δ, circle or number lie over another, nor leave the drawing, from 312 to 1,000 pixels", () => {
    for (let width = 312; width <= 1_000; width += 24) {
      const arrangement = arrange(lecture, width);
      const boxes = [
        ...arrangement.circles.map((circle) => circleBox(circle, arrangement)),
        ...arrangement.circles.map((circle) => deltaBox(circle, arrangement, shiftOf(circle, arrangement))),
        ...arrangement.arrows.map(({ label }) => labelBox(label, arrangement.box)),
      ];
      boxes.forEach((mine, i) => {
        // A narrow drawing's numbers may touch by less than the room that is left around their letters: 3 pixels each way.
        for (const other of boxes.slice(i + 1)) expect(shared(mine, other), `at ${width}`).toBeLessThan(24);
        expect(mine.left >= 0 && mine.top >= 0, `at ${width}`).toBe(true);
        expect(mine.right <= width && mine.bottom <= arrangement.height, `at ${width}`).toBe(true);
      });
    }
  });

  test("has an arrow for each weight, from circle to circle, with its numbers on it", () => {
    const { arrows, circles, radius } = arrange(lecture, 800);
    expect(arrows.map(({ layer, from, to }) => `${layer}: ${from} ${to}`)).toEqual([
      "0: 0 0",
      "0: 0 1",
      "0: 1 0",
      "0: 1 1",
      "0: 2 0",
      "0: 2 1",
      "1: 0 0",
      "1: 1 0",
      "1: 2 0",
    ]);
    for (const { layer, from, to, start, end, label } of arrows) {
      const [a, b] = [
        circles.find((each) => each.layer === layer && each.unit === from)!,
        circles.find((each) => each.layer === layer + 1 && each.unit === to + 1)!,
      ];
      expect(Math.hypot(start[0] - a.x, start[1] - a.y)).toBeCloseTo(radius, 9);
      expect(Math.hypot(end[0] - b.x, end[1] - b.y)).toBeCloseTo(radius + 3, 9);
      const cross = (end[0] - start[0]) * (label[1] - start[1]) - (end[1] - start[1]) * (label[0] - start[0]);
      expect(Math.abs(cross)).toBeLessThan(1e-6);
    }
  });
});

describe("the drawing of a tape", () => {
  // Inputs, weights, three layers, a loss of the output and the target, and a penalty of the first weight.
  const blocks = [
    { id: "x", operands: [], width: 120 },
    ...[0, 1, 2].flatMap((l) => [
      { id: `w${l}`, operands: [], width: 160 },
      { id: `b${l}`, operands: [], width: 90 },
      { id: `m${l}`, operands: [l === 0 ? "x" : `a${l - 1}`, `w${l}`], width: 150 },
      { id: `s${l}`, operands: [`m${l}`, `b${l}`], width: 150 },
      { id: `a${l}`, operands: [`s${l}`], width: 150 },
    ]),
    { id: "t", operands: [], width: 80 },
    { id: "loss", operands: ["a2", "t"], width: 100 },
    { id: "penalty", operands: ["w0", "w0"], width: 100 },
    { id: "sum", operands: ["loss", "penalty"], width: 60 },
  ];
  const { places, wires, width, height } = arrangeTape(blocks, 60, 20);
  const box = (i: number) => {
    const [{ x, y }, half] = [places[i]!, blocks[i]!.width / 2];
    return { left: x - half, right: x + half, top: y, bottom: y + 60 };
  };

  test("lets no block lie over another, nor leave the drawing", () => {
    blocks.forEach((_, i) => {
      const mine = box(i);
      blocks.forEach((__, j) => {
        if (j > i) expect(shared(mine, box(j))).toBeLessThan(1e-6);
      });
      expect(mine.left >= 0 && mine.right <= width && mine.top >= 0 && mine.bottom <= height).toBe(true);
    });
  });

  test("has a wire for each operand, down from its block to the one that takes it, through no other block", () => {
    expect(wires.map(({ from, to }) => `${from} ${to}`)).toEqual(
      blocks.flatMap(({ id, operands }) => operands.map((operand) => `${operand} ${id}`)),
    );
    for (const { from, to, points } of wires) {
      const [a, b] = [from, to].map((id) => box(blocks.findIndex((block) => block.id === id)));
      // Middles are rounded when they are reckoned back from the edges.
      expect(points[0]![0]).toBeCloseTo((a!.left + a!.right) / 2, 9);
      expect(points[0]![1]).toBe(a!.bottom);
      expect(points.at(-1)![0]).toBeCloseTo((b!.left + b!.right) / 2, 9);
      expect(points.at(-1)![1]).toBe(b!.top);
      points.slice(1).forEach(([x, y], i) => {
        expect(y).toBeGreaterThan(points[i]![1]);
        // Where a wire passes a row, it goes straight down between its blocks.
        blocks.forEach((block, k) => {
          const other = box(k);
          if (block.id !== from && block.id !== to)
            expect(x > other.left && x < other.right && y > other.top && y < other.bottom).toBe(false);
        });
      });
    }
  });

  test("puts what stands alone in its row straight below what it is made of", () => {
    const chain = arrangeTape(
      [
        { id: "a", operands: [], width: 50 },
        { id: "b", operands: ["a"], width: 100 },
        { id: "c", operands: ["b"], width: 10 },
      ],
      30,
      10,
    );
    expect(new Set(chain.places.map(({ x }) => x.toFixed(6))).size).toBe(1);
  });
});

describe("the drawing of a network of one's own", () => {
  const of = (...sizes: number[]) => sizes.map((size, l) => ({ size, hasBias: l < sizes.length - 1 }));

  test("draws every arrow of 2-8-8-1, and no more than 260 of any network", () => {
    expect(columns(of(2, 8, 8, 1), 600).links).toHaveLength(3 * 8 + 9 * 8 + 9);
    for (const sizes of [
      [64, 32, 10],
      [128, 128, 128, 128, 128, 128, 10],
      [3, 100],
      [1, 1],
    ])
      expect(columns(of(...sizes), 600).links.length).toBeLessThanOrEqual(260);
  });

  test("says how many units it leaves out", () => {
    const most = unitsDrawn(of(64, 32, 10));
    expect(columns(of(64, 32, 10), 600).hidden.map(({ count }) => count)).toEqual(
      [64, 32, 10].filter((size) => size > most).map((size) => size - most),
    );
  });

  test("finds the arrow under the pointer, and none far from all", () => {
    const { links } = columns(of(2, 3, 1), 600);
    for (const link of links) {
      const [x, y] = [link.x1 + 0.2 * (link.x2 - link.x1), link.y1 + 0.2 * (link.y2 - link.y1)];
      expect(nearestLink(links, x, y)).toBe(link);
    }
    expect(nearestLink(links, -100, -100)).toBeUndefined();
  });

  test("draws larger weights wider, and a weight that is no number as an ordinary line", () => {
    expect(linkWidth(-2)).toBeGreaterThan(linkWidth(1));
    expect(linkWidth(1e9)).toBeLessThanOrEqual(5);
    expect(linkWidth(Number.NaN)).toBe(1);
  });
});
