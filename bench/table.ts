// Results as tables: rows of text, which the terminal aligns and Markdown rules.

import { titleOf } from "./peers.ts";
import { agrees, cellOf, distanceOf, peak, type Results, referenceOf } from "./results.ts";

export interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** Seconds with three digits and the unit that suits them. */
export function duration(seconds: number): string {
  for (const [unit, scale] of [
    ["s", 1],
    ["ms", 1e3],
    ["µs", 1e6],
  ] as const) {
    if (seconds * scale >= 1) return `${three(seconds * scale)} ${unit}`;
  }
  return `${three(seconds * 1e9)} ns`;
}

function three(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

const factor = (value: number) => `${value >= 100 ? value.toFixed(0) : value.toPrecision(2)}×`;
const percent = (share: number) => `${(100 * share).toPrecision(2)}%`;

/** Best times, with ratios to Adjoint. */
export function timesTable(results: Results, which: "best" | "median"): Table {
  const { peers, measured } = results;
  return {
    title:
      which === "best"
        ? "Time a step, best round; in brackets how many times what Adjoint takes: of the bests / median of the rounds"
        : "Time a step, median round",
    rows: [
      ["", ...peers.map(titleOf)],
      ...measured.map((each) => [
        each.workload.name,
        ...peers.map((peer) => {
          const cell = cellOf(each, peer);
          if (cell === undefined) return "–";
          const ratios =
            which === "best" && cell.ratios !== undefined ? ` (${cell.ratios.map(factor).join(" / ")})` : "";
          return (agrees(each, peer) ? "" : "WRONG ") + duration(cell[which]) + ratios;
        }),
      ]),
    ],
  };
}

export function limitsTable({ measured, limits }: Results): Table {
  return {
    title: `Adjoint against the machine: ${(peak(limits) / 1e9).toFixed(1)} GFLOP/s in registers, ${(limits.bandwidth / 1e9).toFixed(1)} GB/s copying`,
    rows: [
      [
        "",
        "Adjoint",
        "MFLOP",
        "MB",
        "GFLOP/s",
        "of arithmetic",
        "of bandwidth",
        "slower than the nearer limit",
      ],
      ...measured.map((each) => {
        const { name, flops, bytes } = each.workload;
        const size = [(flops / 1e6).toPrecision(3), (bytes / 1e6).toPrecision(3)];
        const distance = distanceOf(each, limits);
        if (distance === undefined) return [name, "–", ...size, "–", "–", "–", "–"];
        const { gflops, ofArithmetic, ofBandwidth } = distance;
        return [
          name,
          referenceOf(each)!,
          ...size,
          gflops.toPrecision(3),
          percent(ofArithmetic),
          percent(ofBandwidth),
          factor(1 / Math.max(ofArithmetic, ofBandwidth)),
        ];
      }),
    ],
  };
}

export function startUpTable({ startUps }: Results): Table {
  return {
    title: "T0: a fresh process until it has printed the first gradient of a small network, and ended",
    rows: [
      ["", "best", "median"],
      ...startUps.map((each) =>
        "cannot" in each ? [each.title, "–", "–"] : [each.title, duration(each.best), duration(each.median)],
      ),
    ],
  };
}

export function asText({ title, rows }: Table): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
  return [title, ...lines].join("\n");
}

export function asMarkdown({ rows: [head, ...rows] }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head!), line(head!.map(() => "---")), ...rows.map(line)].join("\n");
}
