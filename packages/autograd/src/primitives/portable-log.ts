// The natural logarithm by arithmetic alone. Math.log may differ in the last bit from engine to engine, and from what lanes
// compute, and random draws must not.

import type { Atom } from "../expression/atoms/atom.ts";
import type { Lane, Lanes } from "../expression/lanes.ts";

const LEAST_NORMAL = 2 ** -1022;

/** x = m·2ᵉ with m from √½ to √2, log m = 2·artanh((m − 1)/(m + 1)) as a series, whose next term is below 1e-17. */
export function naturalLog(x: number): number {
  if (!(x > 0 && x < Infinity)) return x === 0 ? -Infinity : x > 0 ? Infinity : NaN;
  let exponent = 0;
  let m = x;
  for (; m < Math.SQRT1_2; m *= 2) exponent--;
  for (; m >= 2 * Math.SQRT1_2; m /= 2) exponent++;
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * z + 1 / k;
  return 2 * s * sum + exponent * Math.LN2;
}

/** The same for positive normal numbers, in lanes of 64 bits, bit for bit. */
export function naturalLogLanes(lanes: Lanes, x: Lane): Lane {
  const bits = lanes.asInt(x);
  const one = lanes.constant(1);
  // x = m·2ᵉ with m from 1 to 2, and from √½ to √2 when the larger ones are halved.
  const mantissa = lanes.asFloat(
    lanes.or(lanes.and(bits, lanes.pattern(0xf_ffff_ffff_ffffn)), lanes.asInt(one)),
  );
  const isLarge = lanes.isLessEqual(lanes.constant(2 * Math.SQRT1_2), mantissa);
  const power = lanes.toFloat(lanes.intSub(lanes.shiftRightUnsigned(bits, 52), lanes.pattern(1023n)));
  const exponent = lanes.choose(isLarge, lanes.add(power, one), power);
  const m = lanes.choose(isLarge, lanes.mul(mantissa, lanes.constant(0.5)), mantissa);
  const s = lanes.div(lanes.sub(m, one), lanes.add(m, one));
  const z = lanes.mul(s, s);
  let sum = lanes.constant(0);
  for (let k = 23; k >= 1; k -= 2) sum = lanes.add(lanes.mul(sum, z), lanes.constant(1 / k));
  const series = lanes.mul(lanes.mul(lanes.constant(2), s), sum);
  return lanes.add(series, lanes.mul(exponent, lanes.constant(Math.LN2)));
}

/** The same as an atom for random draws, computed in float64. They have no derivative. */
export const portableLog: Atom<1, "same"> = {
  name: "portableLog",
  arity: 1,
  result: "same",
  operands: "float",
  value: naturalLog,
  lanes: (lanes, x) =>
    lanes.wide((wide, y) => {
      const isNormal = wide.andNot(
        wide.isLessEqual(wide.constant(LEAST_NORMAL), y),
        wide.isLessEqual(wide.constant(Infinity), y),
      );
      return wide.exceptWhere(wide.not(isNormal), naturalLogLanes(wide, y), naturalLog, y);
    }, x),
  partials: [() => 0],
};
