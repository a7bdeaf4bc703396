// Activations: the function and its first three derivatives, its kinks, its formula, and ψ or why there is none.

import { type Activation, activation, differentiate, Expression } from "@adjoint/autograd";
import { chart, type LayerLike } from "../views/chart.ts";
import { groupOf } from "../views/group.ts";
import { numberText } from "../views/number-text.ts";
import { table } from "../views/table.ts";
import type { Axis } from "../views/view.ts";
import type { Kind, ShowOptions } from "./kind.ts";
import { asText } from "./plain.ts";

export const isActivation = (value: unknown): value is Activation =>
  typeof value === "function" && "expression" in value && "function" in value && "kinks" in value;

/** The function and its derivatives up to an order, as functions of a number. */
function derivativesOf({ expression }: Activation, order: number): readonly ((x: number) => number)[] {
  const all = [expression];
  while (all.length <= order) all.push(differentiate(all.at(-1)!));
  return all.map((each, i) => activation(`derivative ${i}`, () => each));
}

const names = ["φ(x)", "φ′(x)", "φ″(x)", "φ‴(x)"] as const;

/** Points between the ends. */
const points = 401;

/** From −4 to 4, or farther where there is a kink; the domain of the option x where one is given. */
function domainOf({ kinks }: Activation, { x }: ShowOptions): readonly [number, number] {
  const given = typeof x === "object" ? x.domain : undefined;
  if (given !== undefined) return given;
  const finite = kinks.filter((kink) => Math.abs(kink) < 100);
  return [Math.min(-4, ...finite.map((kink) => kink - 1)), Math.max(4, ...finite.map((kink) => kink + 1))];
}

export const activations: Kind = {
  name: "an activation",
  forms: [],
  view(value, options) {
    if (!isActivation(value)) return undefined;
    const { kinks, range, name } = value;
    const [from, to] = domainOf(value, options);
    const functions = derivativesOf(value, 3);
    const inside = kinks.filter((kink) => kink > from && kink < to);
    // At a kink something jumps: both sides of it, very close.
    const room = (to - from) * 1e-6;
    const xs = [
      ...Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1)).filter((x) =>
        inside.every((kink) => Math.abs(x - kink) > room),
      ),
      ...inside.flatMap((kink) => [kink - room, kink, kink + room]),
    ].sort((a, b) => a - b);
    const jumps = (f: (x: number) => number, kink: number) => {
      const [left, right] = [f(kink - room), f(kink + room)];
      return Math.abs(right - left) > 1e-3 * Math.max(1, Math.abs(left), Math.abs(right));
    };
    const layers = functions.flatMap((f, i): LayerLike[] => {
      const gaps = inside.filter((kink) => jumps(f, kink));
      // A function that jumps has a line for each side: what it is at the kink itself is a convention.
      return [...gaps, Infinity].map((end, k): LayerLike => {
        const start = k === 0 ? -Infinity : gaps[k - 1]!;
        const x = xs.filter((each) => each > start && each < end);
        return { mark: "line", name: names[i]!, x, y: x.map(f) };
      });
    });
    const rules = inside.map((at): LayerLike => ({ mark: "rule", name: "kink", at, across: "x" }));
    const axis = (label: string, given: ShowOptions["x"]): Axis =>
      given === undefined ? { label } : typeof given === "string" ? { label: given } : given;
    const drawing = chart([...layers, ...rules], {
      title: options.title ?? name,
      x: axis("x", options.x),
      y: axis("value", options.y),
      note: options.note ?? "",
    });
    const facts = [
      { what: "φ(x)", how: value.toString().replace(/^[^=]*= /, "") },
      { what: "φ′(x)", how: value.derivative },
      { what: "ψ(y), the derivative from the output", how: psiText(value, functions, xs) },
      { what: "range", how: `from ${numberText(range[0])} to ${numberText(range[1])}` },
      { what: "kinks", how: kinks.length === 0 ? "none" : kinks.map((kink) => numberText(kink)).join(", ") },
    ];
    return groupOf([drawing, table(facts, { columns: ["what", "how"] })]);
  },
};

/** ψ, or two places that show why there is none. */
function psiText(
  { psi }: Activation,
  [f, slope]: readonly ((x: number) => number)[],
  xs: readonly number[],
): string {
  if (psi !== undefined) return psi.toString().replace(/^[^=]*= /, "");
  const pair = sameOutput(f!, slope!, xs);
  if (pair === null) return "none was found: the derivative is not an expression of the output alone";
  const [a, b] = pair;
  return `there is none: x = ${numberText(a)} and x = ${numberText(b)} have the same output ${numberText(f!(a))}, and slopes ${numberText(slope!(a))} and ${numberText(slope!(b))}`;
}

/** Two places with one output and different slopes; null where none are found. */
function sameOutput(
  f: (x: number) => number,
  slope: (x: number) => number,
  xs: readonly number[],
): readonly [number, number] | null {
  const values = xs.map((x) => f(x));
  // A few starting points are enough: where outputs repeat, they repeat over stretches.
  for (let i = 0; i < xs.length; i += 20) {
    const level = values[i]!;
    for (let j = i + 2; j < xs.length; j++) {
      const [before, after] = [values[j - 1]! - level, values[j]! - level];
      if (!(before * after < 0)) continue;
      let [low, high] = [xs[j - 1]!, xs[j]!];
      for (let step = 0; step < 60; step++) {
        const middle = (low + high) / 2;
        if ((f(middle) - level) * before > 0) low = middle;
        else high = middle;
      }
      const isReached = Math.abs(f(high) - level) < 1e-9 * Math.max(1, Math.abs(level));
      const [a, b] = [slope(xs[i]!), slope(high)];
      if (isReached && Math.abs(a - b) > 1e-3 * Math.max(Math.abs(a), Math.abs(b))) return [xs[i]!, high];
    }
  }
  return null;
}

export const expressions: Kind = {
  name: "an expression",
  forms: [],
  view: (value, options) =>
    value instanceof Expression ? asText(activation("f", () => value).toString(), options) : undefined,
};
