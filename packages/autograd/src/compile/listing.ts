// Lists a program as text: its kernels in order, the operations that were fused into each, and the place of
// each buffer in the arena.

import type { Build } from "../kernels/webassembly.ts";
import type { Buffer, Cluster } from "./cluster.ts";
import { Nested } from "./nested.ts";
import type { MemoryPlan } from "./plan-memory.ts";
import { readBy, type Schedule, writtenBy } from "./schedule.ts";

const bytesText = (bytes: number) => {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
};

export function listing(
  schedule: Schedule,
  plan: MemoryPlan,
  build: Build,
  times?: readonly number[],
): string {
  const { order, variables, inPlace, copied } = schedule;
  const nameOf = namesIn(inPlace);
  const head = `program: ${order.length} kernels (${build}), ${variables.length} variables, arena ${bytesText(plan.size)} at its peak (${bytesText(plan.unshared)} unshared)`;
  const kernels = order.flatMap((cluster, i) => linesOf(cluster, `${i}`, nameOf, timeOf(times?.[i])));
  const rooms = [...plan.rooms]
    .sort(([, a], [, b]) => a.offset - b.offset)
    .map(
      ([buffer, { offset, bytes, from, to }]) =>
        `  ${`${offset}`.padStart(10)}  ${bytesText(bytes).padStart(10)}  ${from}–${to}  ${nameOf(buffer)}`,
    );
  const moved = copied.map(
    ({ variable, buffer }) => `      copy      ${variableName(variable.name)}′ ← ${nameOf(buffer)}`,
  );
  return [head, ...kernels, ...moved, "arena: offset, size, kernels that need it", ...rooms].join("\n");
}

/** What buffers are called where some of them take the place of variables. */
const namesIn =
  (inPlace: Schedule["inPlace"]) =>
  (buffer: Buffer): string => {
    const { source } = buffer;
    const into = inPlace.get(buffer);
    if (into !== undefined) return `${variableName(into.name)}′`;
    switch (source.kind) {
      case "argument":
        return `argument ${source.place}`;
      case "variable":
        return variableName(source.variable.name);
      case "gradient":
        return `gradient of ${variableName(source.variable.name)}`;
      case "constant":
        return `constant ${buffer.id}`;
      case "computed":
        return `%${buffer.id}`;
    }
  };

/** The line of a cluster, and, indented, those of the programs inside a step. */
function linesOf(
  cluster: Cluster,
  place: string,
  nameOf: (buffer: Buffer) => string,
  time: string,
): readonly string[] {
  const names = (buffers: readonly Buffer[]) => [...new Set(buffers)].map(nameOf).join(", ");
  const line = `${place.padStart(4)}  ${time}${kind(cluster).padEnd(9)} ${spaceOf(cluster).padEnd(16)} ${names(writtenBy(cluster))} ← ${names(readBy(cluster))}   ${fused(cluster.labels)}`;
  if (!(cluster.inside instanceof Nested)) return [line];
  const isWhile = cluster.inside.control.kind === "while";
  const inner = cluster.inside.blocks.flatMap(({ schedule: { order, inPlace, copied } }, i) => {
    const own = namesIn(inPlace);
    return [
      ...(i === 0 ? [] : [`      ── ${isWhile ? "then" : "else"}`]),
      ...order.flatMap((each, k) => linesOf(each, `${k}`, own, "")),
      ...copied.map(({ variable, buffer }) => `      copy      ${variable.name}′ ← ${own(buffer)}`),
    ];
  });
  return [line, ...inner.map((each) => `      ${each}`)];
}

const timeOf = (time: number | undefined) =>
  time === undefined ? "" : `${(Number.isNaN(time) ? "" : time.toFixed(4)).padStart(9)} ms  `;

const variableName = (name: string) => (name === "" ? "variable" : name);

const nestedKinds = { call: "block", choice: "branch", repeat: "repeat", while: "while" } as const;

function kind(cluster: Cluster): string {
  if (cluster.host !== null) return cluster.host.targets.length === 0 ? "look" : "host call";
  if (cluster.rows !== null) return "descending" in cluster.rows.rule ? "order" : "running";
  if (cluster.inside instanceof Nested) return nestedKinds[cluster.inside.control.kind];
  if (cluster.product !== null) return cluster.product.gated ? "product*" : "product";
  return cluster.zeros === null ? "loop" : "zeros";
}

function spaceOf(cluster: Cluster): string {
  if (cluster.product === null) return cluster.sizes.join("×");
  const { batch, m, n, k } = cluster.product;
  return [...batch, `${m}×${k}·${k}×${n}`].join("×");
}

function fused(labels: readonly string[]): string {
  const shown = labels.slice(0, 8).join(" ");
  return labels.length > 8 ? `${shown} … (${labels.length} operations)` : shown;
}
