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
