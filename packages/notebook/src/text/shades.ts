// Numbers as shades of a terminal, or as its colours.

import { numberText } from "../views/number-text.ts";
import type { Cells } from "../views/view.ts";
import { filled, type Style } from "./style.ts";

const shades = [" ", "░", "▒", "▓", "█"] as const;
/** From deep blue by green to yellow, and from blue by grey to orange, in a terminal's 256 colours. */
const ramps = {
  sequential: [17, 18, 24, 30, 36, 72, 114, 156, 192, 228],
  diverging: [25, 32, 74, 110, 152, 253, 223, 216, 209, 172, 130],
} as const;

/** From 0 to 1 between the ends of the range; NaN stays. */
export const partOf = (value: number, [low, high]: readonly [number, number]): number =>
  high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;

type Scaled = Pick<Cells, "colours" | "range">;

/** What the ends of the shades stand for: alike to both sides of 0 where colours are two-sided, as in the report. */
function endsOf({ colours, range }: Scaled): readonly [number, number] {
  if (colours !== "diverging") return range;
  const reach = Math.max(...range.map(Math.abs));
  return [-reach, reach];
}

/** The colour of a number in a terminal that has colours; null for what is not finite. */
export function toneOf(value: number, scaled: Scaled): number | null {
  if (!Number.isFinite(value)) return null;
  const ramp = scaled.colours === "diverging" ? ramps.diverging : ramps.sequential;
  return ramp[Math.min(ramp.length - 1, Math.floor(partOf(value, endsOf(scaled)) * ramp.length))]!;
}

/** Two characters for a number where there are no colours. What is below 0 has a sign, so that both sides are told apart. */
export function shadeOf(value: number, scaled: Scaled): string {
  if (Number.isNaN(value)) return "NN";
  if (!Number.isFinite(value)) return value > 0 ? "+∞" : "-∞";
  const { colours } = scaled;
  const part = partOf(value, endsOf(scaled));
  if (colours !== "diverging") return shades[Math.round(part * 4)]!.repeat(2);
  const shade = shades[Math.round(Math.abs(part - 0.5) * 8)]!;
  return part < 0.5 && shade !== " " ? `-${shade}` : shade.repeat(2);
}

/** What the shades or colours stand for. */
export function shadeKey(scaled: Scaled, label: string, style: Style): string {
  const [low, high] = endsOf(scaled);
  const name = label === "" ? "" : `${label}: `;
  if (style.colour) {
    const sample = (value: number) => {
      const tone = toneOf(value, scaled) ?? 0;
      return filled("  ", tone, tone);
    };
    return `${name}${sample(low)} ${numberText(low)} … ${sample(high)} ${numberText(high)}`;
  }
  return scaled.colours === "diverging"
    ? `${name}-█ ${numberText(low)} … blank 0 … ██ ${numberText(high)}`
    : `${name}blank ${numberText(low)} … ██ ${numberText(high)}`;
}
