// Numbers as a person reads them.

/** With a minus sign instead of a hyphen. */
const signed = (text: string): string => text.replaceAll("-", "−");

/** Every digit that tells the number from its neighbours. */
export const exactText = (x: number): string => signed(String(x));

/** Three decimals, as the lecture writes numbers: "0.550", "0.4", "−0.060", "1.2e−5". */
export function shortText(x: number): string {
  if (!Number.isFinite(x) || x === 0) return exactText(x);
  const size = Math.abs(x);
  if (size < 0.0005 || size >= 1e6) return signed(x.toExponential(1));
  const whole = String(x);
  const rounded = size >= 1000 ? x.toFixed(0) : x.toFixed(3);
  return signed(whole.length <= rounded.length ? whole : rounded);
}

/** A share as a percentage: "97.5 %". */
export const percentText = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A count with thin spaces between thousands: "12 400". */
export const countText = (count: number): string =>
  Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** Subscript digits: x₁₂. */
export const subscript = (n: number): string =>
  [...String(n)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)] ?? digit).join("");

/** The number of a layer as the lecture writes it above: W⁽⁰⁾. */
export const superscript = (n: number): string =>
  `⁽${[...String(n)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? digit).join("")}⁾`;
