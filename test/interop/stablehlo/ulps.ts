// How far apart numbers of a type are, in steps from one to the next.

const float32 = new Float32Array(1);
const bits32 = new Int32Array(float32.buffer);
const float64 = new Float64Array(1);
const bits64 = new BigInt64Array(float64.buffer);

/** The place of a number among all of its type: whole numbers in the order of the numbers; both zeros are one. */
function placeOf(x: number, dtype: "float32" | "float64"): bigint {
  if (dtype === "float32") {
    float32[0] = x;
    const bits = bits32[0]!;
    return BigInt(bits < 0 ? -(bits & 0x7fffffff) : bits);
  }
  float64[0] = x;
  const bits = bits64[0]!;
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

/** The steps from one number of a type to another: 0 for NaN and NaN, ∞ for NaN and a number. */
export function stepsBetween(a: number, b: number, dtype: "float32" | "float64"): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  const steps = placeOf(a, dtype) - placeOf(b, dtype);
  return Number(steps < 0n ? -steps : steps);
}

/** The distance from a number of a type to the next one away from zero. */
export function gapAt(x: number, dtype: "float32" | "float64"): number {
  const [digits, least] = dtype === "float32" ? [23, -126] : [52, -1022];
  if (!Number.isFinite(x)) return Infinity;
  return 2 ** (Math.max(least, x === 0 ? least : Math.floor(Math.log2(Math.abs(x)))) - digits);
}

/** The least number above zero with all of its digits: XLA's CPU takes smaller ones for 0, and makes 0 of them. */
export const leastNormal = { float32: 2 ** -126, float64: 2 ** -1022 } as const;
