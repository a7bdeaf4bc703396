// Numbers as people read them.

/** The magnitudes between which a number is written without an exponent. */
const [smallest, largest] = [1e-4, 1e7];

/** A number with `digits` significant digits and no trailing zeros; whole numbers up to 10⁷ in full. */
export function numberText(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (Object.is(value, -0)) return "-0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < largest) return String(value);
  if (size < smallest || size >= largest)
    return value.toExponential(Math.max(0, digits - 1)).replace(/\.?0*e\+?/, "e");
  // All digits before the point are kept: 12345.6 with 4 digits is 12346, not 12350.
  const whole = size < 1 ? 0 : Math.floor(Math.log10(size)) + 1;
  return String(Number(value.toPrecision(Math.min(17, Math.max(digits, whole, 1)))));
}

/** A count with its thousands apart: 60,000. */
export const countText = (count: number): string => String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** "1 row", "3 rows". */
export const counted = (count: number, noun: string): string =>
  `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;

/** A shape as it is written in code: [2, 3]. */
export const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
