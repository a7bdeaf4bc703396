// The page of results, docs/benchmarks.md.

import { TOLERANCE } from "./agreement.ts";
import { disagreements, type Results, remarks } from "./results.ts";
import { asMarkdown, limitsTable, startUpTable, timesTable } from "./table.ts";

const list = (items: readonly string[]) => items.map((item) => `- ${item}`).join("\n");

export function page(results: Results, command: string): string {
  const { environment, measured, limits, startUps } = results;
  const wrong = disagreements(results);
  const missing = remarks(results);
  const [times, medians, distances] = [
    timesTable(results, "best"),
    timesTable(results, "median"),
    limitsTable(results),
  ];
  const fused =
    limits.fusedFlops === null ? "none in this engine" : `${(limits.fusedFlops / 1e9).toFixed(1)} GFLOP/s`;
  return `# Benchmarks

Written by \`${command}\`; anyone can run it. Every peer is a process of its own, all on the same core, and they take turns round by round, so that a machine that drifts drifts for all. All begin with the same numbers and must agree on loss and gradients, or the page says so here:

${wrong.length === 0 ? `All agree to ${TOLERANCE} (float32 carries seven digits, and peers that add a million numbers one after another lose up to four of them).` : `**They do not agree:**\n\n${list(wrong)}`}

## Where

${list(Object.entries(environment).map(([what, value]) => `${what}: ${value}`))}

## Times

${times.title}. Above 1, Adjoint is faster.

${asMarkdown(times)}

${medians.title}.

${asMarkdown(medians)}

${list(measured.map(({ workload: { name, title } }) => `${name}: ${title}`))}

${
  startUps.length === 0
    ? ""
    : `## Starting up

${startUpTable(results).title}.

${asMarkdown(startUpTable(results))}

`
}## The machine's limits

Measured in the same run, in WebAssembly: multiplying and adding four numbers at a time in registers, ${(limits.flops / 1e9).toFixed(1)} GFLOP/s; the same in one relaxed instruction, ${fused}; copying 64 MB, ${(limits.bandwidth / 1e9).toFixed(1)} GB/s read and written. PyTorch and NumPy may use wider registers than WebAssembly has.

${asMarkdown(distances)}

Operations and bytes are the least a step can do with:

${list(measured.map(({ workload: { name, count } }) => `${name}: ${count}`))}

## What is missing, and what to know

${missing.length === 0 ? "Nothing." : list(missing)}
`;
}
