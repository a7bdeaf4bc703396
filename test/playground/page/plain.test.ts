// What the page reckons without a browser: numbers as text, places in links, curves, axes, histograms, colours, equations.

import { fc, test as property } from "@fast-check/vitest";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import type { Progress } from "../../../packages/playground/src/lab/lab.ts";
import { binsOf } from "../../../packages/playground/src/page/draw/bins.ts";
import { classColour, probabilityColour } from "../../../packages/playground/src/page/draw/colours.ts";
import { domainOf } from "../../../packages/playground/src/page/draw/domain.ts";
import { countText, exactText, shortText } from "../../../packages/playground/src/page/draw/numbers.ts";
import { linear, logarithmic, pathThrough } from "../../../packages/playground/src/page/draw/scale.ts";
import { allowedCopy } from "../../../packages/playground/src/page/mathml.ts";
import { hashOf, MOST_STEPS, placeOf } from "../../../packages/playground/src/page/place.ts";
import { Curves } from "../../../packages/playground/src/page/record.ts";

describe("numbers", () => {
  test.each([
    [0.549833997312478, "0.550"],
    [-0.06045580429408154, "−0.060"],
    [0.4, "0.4"],
    [-0, "0"],
    [1, "1"],
    [-0.00001234, "−1.2e−5"],
    [1234.567, "1235"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "−Infinity"],
  ])("%d is written %s where space is short", (x, text) => expect(shortText(x)).toBe(text));

  property.prop([fc.double({ noNaN: true })])("are read back from all their digits", (x) => {
    expect(Number(exactText(x).replaceAll("−", "-"))).toBe(x === 0 ? 0 : x);
  });

  test("of thousands are parted by narrow spaces", () =>
    expect([7, 1234, 1234567].map(countText)).toEqual(["7", "1\u202f234", "1\u202f234\u202f567"]));
});

const places = fc.record(
  {
    mode: fc.constantFrom("lesson" as const, "build" as const),
    stage: fc.nat(10_000),
    isExact: fc.boolean(),
    zoom: fc.oneof(fc.constantFrom("network" as const, "tape" as const), fc.record({ layer: fc.nat(100) })),
    steps: fc.nat(MOST_STEPS),
    net: fc.stringMatching(/^[\w.~%+-]+$/),
  },
  { requiredKeys: ["mode", "stage", "isExact", "zoom", "steps"] },
);

describe("a place in a link", () => {
  property.prop([places])("is the same when it is read back", (place) => {
    expect(placeOf(`#${hashOf(place)}`)).toEqual(place);
  });

  property.prop([fc.string()])("is some place whatever stands there", (text) => {
    const { mode, stage, steps } = placeOf(text);
    expect(["lesson", "build"]).toContain(mode);
    expect(stage >= 0 && stage <= 10_000 && steps >= 0 && steps <= MOST_STEPS).toBe(true);
  });
});

const progressAt = (step: number): Progress => ({
  step,
  epoch: 0,
  stepsPerSecond: 0,
  trainingLoss: 1 / (1 + step),
  testLoss: 1,
  saturation: [],
  gradientNorms: [],
  layers: [],
});

describe("the curves of a training", () => {
  test("stay below 401 points, keep the first and the newest, and are in order, however long it takes", () => {
    const curves = new Curves();
    for (let step = 0; step < 5_000; step++) {
      curves.add(progressAt(3 * step));
      if (step % 97 !== 0) continue;
      const steps = curves.points.map((point) => point.step);
      expect(steps.length).toBeLessThan(402);
      expect([steps[0], steps.at(-1)]).toEqual([0, 3 * step]);
      expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    }
  });

  test("spread over the whole training and not over its end alone", () => {
    const curves = new Curves();
    for (let step = 0; step < 10_000; step++) curves.add(progressAt(step));
    const early = curves.points.filter((point) => point.step < 5_000).length;
    expect(Math.abs(early / curves.points.length - 0.5)).toBeLessThan(0.05);
  });

  test("do not keep the pictures that come with the numbers", () => {
    const curves = new Curves();
    const field = { columns: 1, rows: 1, x: [0, 1], y: [0, 1], values: new Float32Array(1) } as const;
    curves.add({ ...progressAt(1), field, layers: [{ name: "input", size: 1, hasBias: true }] });
    expect(curves.points[0]).not.toHaveProperty("field");
    expect(curves.points[0]!.layers).toEqual([]);
  });
});

describe("an axis", () => {
  test("holds every finite number and 0", () => {
    expect(domainOf([[3, Number.NaN, null, 5]], false)).toEqual([0, 5]);
    expect(domainOf([[-3], [2]], false)).toEqual([-3, 2]);
    expect(domainOf([[]], false)).toEqual([0, 1]);
    expect(domainOf([[0, 0]], false)).toEqual([0, 1]);
  });

  test("of powers of ten leaves out what has no logarithm", () => {
    expect(domainOf([[0.03, 0, -1, 700]], true)).toEqual([0.01, 1000]);
    expect(domainOf([[0]], true)).toEqual([0.1, 1]);
    expect(logarithmic([1e-8, 1], [0, 100]).ticks(4)).toEqual([1e-8, 1e-6, 1e-4, 1e-2, 1]);
    expect(logarithmic([1e-8, 1], [0, 100])(1e-2)).toBeCloseTo(75, 9);
  });

  test("puts its ends at the ends, and round numbers between them", () => {
    const scale = linear([-2, 6], [100, 20]);
    expect([-2, 0, 6, 7].map(scale)).toEqual([100, 80, 20, 10]);
    expect(scale.ticks(4)).toEqual([-2, 0, 2, 4, 6]);
    expect(linear([3, 3], [0, 1])(3)).toBe(0);
  });
});

describe("a path", () => {
  test("is broken where a number is missing or not finite", () => {
    expect(pathThrough([[0, 1], [2, 3.14], null, [4, 5], [Number.NaN, 0], [6, 7]])).toBe(
      "M0 1L2 3.1M4 5M6 7",
    );
  });
});

describe("a histogram", () => {
  property.prop([fc.float32Array({ minLength: 1, maxLength: 50 })])(
    "counts each finite number once",
    (values) => {
      const { counts, edges } = binsOf(values, 7);
      expect(counts.reduce((a, b) => a + b, 0)).toBe([...values].filter(Number.isFinite).length);
      expect(edges).toHaveLength(8);
    },
  );
});

describe("colours", () => {
  test("of a probability are nearer to the class's own the surer it is", () => {
    const distance = (p: number, index: number) =>
      Math.hypot(...probabilityColour(p, false).map((c, i) => c - classColour(index)[i]!));
    expect(distance(0.99, 1)).toBeLessThan(distance(0.7, 1));
    expect(distance(0.01, 0)).toBeLessThan(distance(0.3, 0));
  });
});

describe("an equation", () => {
  // The Node project has no types of the DOM; linkedom's are its own.
  const shown = (text: string) => {
    const { document } = parseHTML(`<html><body>${text}</body></html>`);
    const host = document.createElement("div");
    host.append(allowedCopy(document.body as never, document as never) as never);
    return host.innerHTML;
  };

  test("keeps what MathML's presentation elements say", () => {
    const math =
      '<math display="block"><mrow><mi>x</mi><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></mrow></math>';
    expect(shown(math)).toBe(math);
  });

  test("loses every other element and attribute, and keeps their text", () => {
    const given =
      '<math onclick="x()" href="https://a.example"><mi style="color:red">x</mi><mtext><img src="a" onerror="x()"><a href="javascript:x()">link</a></mtext></math>';
    expect(shown(given)).toBe("<math><mi>x</mi><mtext>link</mtext></math>");
    expect(shown("<svg><path d='M0 0'/></svg><iframe src='a'></iframe>")).toBe("");
  });
});
