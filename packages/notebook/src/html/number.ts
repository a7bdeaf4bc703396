// Numbers as a reader meets them beside a picture.

const MINUS = "\u2212";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** The number with up to `digits` significant ones; powers of ten where plain digits would be many. */
export function numberText(value: number, digits: number = 4): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e6) {
    const text = String(Number(value.toPrecision(size < 1e4 ? digits : Math.max(digits, 6))));
    return text.replace("-", MINUS);
  }
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string];
  const factor = String(Number(mantissa));
  const power = exponent
    .replace("+", "")
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]!);
  const front = factor === "1" ? "" : factor === "-1" ? MINUS : `${factor.replace("-", MINUS)} × `;
  return `${front}10${power}`;
}
