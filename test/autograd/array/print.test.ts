// Arrays as text. What consoles show of whole tensors is tested in test/misuse/printing.test.ts.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import {
  arrayText,
  formatDigits,
  formatNumber,
  MOST_DIGITS,
} from "../../../packages/autograd/src/array/print.ts";
import { trials } from "../../support/runs.ts";
import { arrayOf, count, places, shapes } from "../../support/tensors.ts";

const numbered = (shape: readonly number[]) =>
  arrayOf(
    places(shape).map((_, i) => i),
    shape,
    "float64",
  );

describe("an array's text", () => {
  test("is its nesting, element for element", () => {
    fc.assert(
      fc.property(shapes(0, 4), (shape) => {
        const nest = (axis: number, base: number): unknown =>
          axis === shape.length
            ? base
            : Array.from({ length: shape[axis]! }, (_, i) => nest(axis + 1, base * shape[axis]! + i));
        expect(JSON.parse(arrayText(numbered(shape)))).toEqual(nest(0, 0));
      }),
      trials(100),
    );
  });

  test("aligns columns and starts a line a row", () => {
    expect(arrayText(arrayOf([1, -20.5, 3, 0.25, 1e-9, NaN], [2, 3], "float64"))).toMatchInlineSnapshot(`
      "[[       1,    -20.5,        3],
       [    0.25, 1.000e-9,      NaN]]"
    `);
    expect(arrayText(numbered([2, 2, 2]))).toMatchInlineSnapshot(`
      "[[[0, 1],
        [2, 3]],
       [[4, 5],
        [6, 7]]]"
    `);
  });

  test("beyond a thousand elements shows three at each end of every long axis", () => {
    expect(arrayText(numbered([8, 2, 100]))).toMatchInlineSnapshot(`
      "[[[   0,    1,    2, …,   97,   98,   99],
        [ 100,  101,  102, …,  197,  198,  199]],
       [[ 200,  201,  202, …,  297,  298,  299],
        [ 300,  301,  302, …,  397,  398,  399]],
       [[ 400,  401,  402, …,  497,  498,  499],
        [ 500,  501,  502, …,  597,  598,  599]],
       …,
       [[1000, 1001, 1002, …, 1097, 1098, 1099],
        [1100, 1101, 1102, …, 1197, 1198, 1199]],
       [[1200, 1201, 1202, …, 1297, 1298, 1299],
        [1300, 1301, 1302, …, 1397, 1398, 1399]],
       [[1400, 1401, 1402, …, 1497, 1498, 1499],
        [1500, 1501, 1502, …, 1597, 1598, 1599]]]"
    `);
  });

  test("shows an axis whole that is no longer than its two ends, also where another is cut", () => {
    const text = arrayText(numbered([6, 500]));
    expect([...text.matchAll(/\[ *(\d+),/g)].map(([, first]) => Number(first))).toEqual([
      ...[0, 500, 1000, 1500, 2000, 2500],
    ]);
    expect(text.match(/…/g)).toHaveLength(6);
    const seven = arrayText(numbered([7, 500]));
    expect([...seven.matchAll(/\[ *(\d+),/g)].map(([, first]) => Number(first))).toEqual([
      ...[0, 500, 1000, 2000, 2500, 3000],
    ]);
    expect(seven.match(/…/g)).toHaveLength(7);
  });

  test("stays short, however many elements there are, or rows of none", () => {
    for (const shape of [[1e6], [1000, 1000], [1e6, 0], [100, 100, 0, 5]]) {
      expect(arrayText(NDArray.filled("float32", shape, 0)).length, `${count(shape)} elements`).toBeLessThan(
        1000,
      );
    }
  });
});

describe("a number's text", () => {
  test("is the number to four digits after the point, or to four digits and an exponent, unless it is whole", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e300, max: 1e300, noNaN: true }), (x) => {
        fc.pre(!Number.isSafeInteger(x));
        const text = formatNumber(x);
        const size = Math.abs(x);
        // Half a unit of the last digit shown, and a little for the numbers themselves.
        const allowed = size !== 0 && (size < 1e-3 || size >= 1e6) ? 0.000501 * size : 0.000050001;
        expect(Math.abs(Number(text) - x)).toBeLessThanOrEqual(allowed);
        expect(text.length).toBeLessThanOrEqual(12);
      }),
      trials(500),
    );
  });

  test("is all digits of a whole number, however few are asked for", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: MOST_DIGITS }), (x, digits) => {
        expect([formatNumber(x), formatDigits(x, digits)]).toEqual([`${BigInt(x)}`, `${BigInt(x)}`]);
      }),
      trials(200),
    );
  });

  test("is within half a unit of the last of the digits asked for, and with all of them the number itself", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e300, max: 1e300, noNaN: true }),
        fc.integer({ min: -12, max: 12 }),
        fc.integer({ min: 1, max: MOST_DIGITS }),
        (fraction, exponent, digits) => {
          for (const x of [fraction, (fraction / 1e300) * 10 ** exponent]) {
            const size = Math.abs(x);
            const unit = size === 0 ? 0 : 10 ** (Number(size.toExponential().split("e")[1]) + 1 - digits);
            // A little for the unit, which is rounded, and for the text read back.
            const allowed = unit * 0.5000001 + size * 2 ** -52;
            expect(Math.abs(Number(formatDigits(x, digits)) - x)).toBeLessThanOrEqual(allowed);
            expect(Number(formatDigits(x, MOST_DIGITS))).toBe(x + 0);
          }
        },
      ),
      trials(300),
    );
  });

  test("of a fraction has an exponent beyond 1,000,000 and below 0.001", () => {
    expect([999_999.5, 1_000_000.5, -1_000_000.5, 0.001, 0.000999, 1e6, 0, -0].map(formatNumber)).toEqual([
      ...["999999.5", "1.000e+6", "-1.000e+6"],
      ...["0.001", "9.990e-4", "1000000", "0", "0"],
    ]);
  });

  test("names what is no finite number", () => {
    expect([NaN, Infinity, -Infinity].map(formatNumber)).toEqual(["NaN", "∞", "-∞"]);
    expect([NaN, Infinity, -Infinity].map((x) => formatDigits(x, 3))).toEqual(["NaN", "∞", "-∞"]);
  });
});
