// Reports of the laboratory: the verdict, what it says, and a picture of differences.

import { sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Disagreement, Report } from "@adjoint/autograd/check";
import { chart } from "../views/chart.ts";
import { groupOf } from "../views/group.ts";
import { counted, numberText } from "../views/number-text.ts";
import { table } from "../views/table.ts";
import type { View } from "../views/view.ts";
import { wrapped } from "../views/wrapped.ts";
import type { Kind } from "./kind.ts";
import { asText } from "./plain.ts";

/** How many differences are drawn. */
const mostDrawn = 20;

const verdicts: readonly unknown[] = ["right", "wrong", "inconclusive"];

// By its fields: the laboratory itself is loaded only by those who use it.
const isReport = (value: unknown): value is Report =>
  typeof value === "object" &&
  value !== null &&
  "verdict" in value &&
  verdicts.includes(value.verdict) &&
  "disagreements" in value &&
  Array.isArray(value.disagreements) &&
  "compared" in value;

const placeOf = ({ input, index, order }: Disagreement, i: number) =>
  `${i + 1}: order ${order}, ${input === null ? "all inputs mixed" : `${input}${index === null || index.length === 0 ? "" : `[${index.join(", ")}]`}`}`;

/** How many columns a report takes. */
const widest = 92;

/** A report's text in lines that are no longer than a page is wide, with places in the script as paths from where it runs. */
function set(report: string): string {
  const here = `${process.cwd().replace(/[\\/]$/, "")}${sep}`;
  return report
    .replaceAll(pathToFileURL(here).href, "")
    .replaceAll(here, "")
    .split("\n")
    .flatMap((line) => {
      const indent = /^ */.exec(line)![0];
      // What goes on stands two places further in.
      const [first = "", ...rest] = wrapped(line.trimStart(), widest - indent.length - 2);
      return [indent + first, ...rest.map((each) => `${indent}  ${each}`)];
    })
    .join("\n");
}

/** What the rules say beside what a comparison says, as bars, and in numbers. */
function differences(all: readonly Disagreement[]): readonly View[] {
  const shown = all.slice(0, mostDrawn);
  const labels = shown.map(placeOf);
  const [byRules, byComparison] = shown[0]!.sides ?? ["by the rules", "by comparison"];
  const left =
    all.length > shown.length ? `${counted(all.length - shown.length, "more difference")} left out` : "";
  const bars = chart(
    [
      { mark: "bars", name: byRules, labels, values: shown.map(({ analytic }) => analytic) },
      {
        mark: "bars",
        name: byComparison,
        labels,
        values: shown.map(({ numerical }) => numerical),
        spread: shown.map(({ error }) => (Number.isFinite(error) ? Math.abs(error) : 0)),
      },
    ],
    { title: "Differences", x: "where", y: "derivative", note: left },
  );
  const rows = shown.map((each, i) => ({
    where: labels[i]!,
    test: each.test,
    [byRules]: numberText(each.analytic, 8),
    [byComparison]: `${numberText(each.numerical, 8)} ± ${numberText(each.error, 2)}`,
  }));
  return [bars, table(rows)];
}

export const reports: Kind = {
  name: "a report",
  forms: [],
  view(value, options) {
    if (!isReport(value)) return undefined;
    const said = asText(set(String(value)), options);
    if (value.disagreements.length === 0) return said;
    return groupOf([said, ...differences(value.disagreements)]);
  },
};
