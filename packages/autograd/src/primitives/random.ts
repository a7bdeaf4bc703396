// Random numbers as pure functions of a key and a place: the same in eager and compiled code, in Node and browsers, bit
// for bit.

import type { DType } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import type { Atom } from "../expression/atoms/atom.ts";
import { Expression } from "../expression/expression.ts";
import { type NumberFunction, toFunction } from "../expression/to-function.ts";
import type { Primitive } from "../tape/value.ts";
import { constant } from "./families.ts";
import { quantile } from "./normal-quantile.ts";
import { type Drawing, fraction24, fraction53, middle52, splitWord, word } from "./threefry.ts";

/** How many numbers to draw, of which type. */
export interface Draw {
  readonly count: number;
  readonly dtype: DType;
}

/** A primitive that draws `count` numbers by a key, or by each of many keys: [..., 2] → [..., count]. What is drawn may depend on the type of the numbers. */
function draws(name: string, drawn: (dtype: DType) => Expression): Primitive<Draw> {
  const functions = new Map<Expression, NumberFunction>();
  return constant({
    name,
    describe: ([key], { count, dtype }) => ({ shape: [...key!.shape.slice(0, -1), count], dtype }),
    evaluate([key], { count, dtype }, { shape }) {
      const result = NDArray.zeros(dtype, shape);
      const { data } = key!;
      const expression = drawn(dtype);
      const next = functions.get(expression) ?? toFunction(expression, 3);
      functions.set(expression, next);
      for (let k = 0; 2 * k < data.length; k++)
        for (let i = 0; i < count; i++)
          result.buffer[k * count + i] = next(data[2 * k]!, data[2 * k + 1]!, i);
      return result;
    },
    shifted: (attributes) => attributes,
    lowering: () => ({
      family: "elements",
      element(build, _draw, { dtype, shape }) {
        const last = shape.length - 1;
        const key = [0, 1].map((place) => build.readAt(0, last, build.constant(place, "int32")));
        const operands = [...key, build.index(last)].map((each) => build.convert(each, "float64"));
        return build.convert(build.expression(drawn(dtype), operands), dtype);
      },
    }),
    label: ({ count }) => `${count}`,
  });
}

const keyAndCounter = [0, 1, 2].map(Expression.input);
const draw = (drawing: Drawing) => Expression.apply(drawing as unknown as Atom, keyAndCounter);
const bits = draw(word);
const otherBits = draw(splitWord);
const evenly = { float32: draw(fraction24), float64: draw(fraction53) };
const normally = Expression.apply(quantile as unknown as Atom, [draw(middle52)]);

/** Random 32-bit words. */
export const randomBits: Primitive<Draw> = draws("randomBits", () => bits);
/** Random words independent of those. */
export const splitBits: Primitive<Draw> = draws("splitKey", () => otherBits);

/** Evenly spread over [0, 1). */
export const randomUniform: Primitive<Draw> = draws("randomUniform", (dtype) =>
  dtype === "float32" ? evenly.float32 : evenly.float64,
);

/** Normally distributed with mean 0 and variance 1. */
export const randomNormal: Primitive<Draw> = draws("randomNormal", () => normally);
