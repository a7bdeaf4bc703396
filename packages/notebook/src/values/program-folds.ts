// Long programs: a box for each layer and pass, or counts of primitives.

import type { Program, ProgramValue } from "@adjoint/autograd";
import { type EdgeLike, graph, type NodeLike } from "../views/graph.ts";
import { counted, countText } from "../views/number-text.ts";
import { table } from "../views/table.ts";
import type { View } from "../views/view.ts";
import { typeText } from "./captions.ts";
import type { ShowOptions } from "./kind.ts";
import { layersOf, passesOf, pathsOf } from "./layers-of-programs.ts";
import { countsOf, inputsOf, roleOf, titleOf } from "./program-parts.ts";

/** How many layers and other parts are drawn of a folded program. */
const mostFolded = 100;

/** One box for each layer and pass. */
export function folded(program: Program, options: ShowOptions, model: object): View | null {
  const layers = layersOf(program, pathsOf(model));
  const passOf = passesOf(program);
  const partOf = (value: ProgramValue) =>
    `${passOf(value)} ${layers.get(value) ?? (value.origin.kind === "step" ? "elsewhere" : value.origin.kind)}`;
  const parts = new Map<string, ProgramValue[]>();
  for (const value of program.values) {
    const part = partOf(value);
    const members = parts.get(part);
    if (members === undefined) parts.set(part, [value]);
    else members.push(value);
  }
  if (parts.size > mostFolded || layers.size === 0) return null;
  const ids = new Map([...parts.keys()].map((part, i) => [part, `p${i}`]));
  const outputs = new Set(program.outputs);
  const nodes = [...parts].map(([part, members]): NodeLike => {
    const layer = layers.get(members[0]!);
    const steps = countsOf(members);
    const count = steps.reduce((sum, [, each]) => sum + each, 0);
    const told = steps.slice(0, 4).map(([name, each]) => `${each} ${name}`);
    return {
      id: ids.get(part)!,
      role: members.some((each) => outputs.has(each))
        ? "output"
        : count > 0
          ? "step"
          : roleOf(members[0]!, outputs),
      pass: passOf(members[0]!),
      lines: [
        layer === undefined ? part.replace(/^\w+ /, "") : `layer ${layer}`,
        count > 0 ? counted(count, "step") : counted(members.length, "value"),
        ...(told.length > 0 ? [`${told.join(", ")}${steps.length > 4 ? ", …" : ""}`] : []),
      ],
    };
  });
  const between = new Map<
    string,
    { from: string; to: string; first: ProgramValue; last: ProgramValue; count: number }
  >();
  for (const value of program.values)
    for (const input of inputsOf(value)) {
      const [from, to] = [partOf(input), partOf(value)];
      if (from === to) continue;
      const known = between.get(`${from}→${to}`);
      if (known === undefined)
        between.set(`${from}→${to}`, { from, to, first: input, last: value, count: 1 });
      else known.count++;
    }
  const edges = [...between.values()].map(
    ({ from, to, first, last, count }): EdgeLike => ({
      from: ids.get(from)!,
      to: ids.get(to)!,
      pass: passOf(last),
      lines: [typeText(first), ...(count > 1 ? [`and ${count - 1} more`] : [])],
    }),
  );
  return graph(nodes, edges, {
    title: options.title ?? titleOf(program),
    note: [`${counted(program.values.length, "value")}, folded by layer`, options.note ?? ""]
      .filter((each) => each !== "")
      .join("; "),
  });
}

/** Counts of primitives, for what is too large to be drawn. */
export function summedUp(program: Program, options: ShowOptions): View {
  const { steps, values, variables, inputs, outputs } = program;
  const counts = countsOf(values);
  const rows = counts.map(([primitive, count, elements]) => ({
    primitive,
    steps: count,
    share: `${((100 * count) / steps.length).toFixed(1)} %`,
    elements: countText(elements),
  }));
  return table(rows, {
    title: options.title ?? titleOf(program),
    columns: ["primitive", "steps", "share", "elements"],
    note: [
      `${counted(steps.length, "step")} are too many to be drawn and are summed up by primitive; ${counted(inputs.length, "input")}, ${counted(variables.length, "variable")}, ${counted(outputs.length, "output")}`,
      options.model === undefined
        ? "fold it by layer with { model }, or show the tape of a part"
        : "the model's layers are not on it, or too many",
      options.note ?? "",
    ]
      .filter((each) => each !== "")
      .join("; "),
  });
}
