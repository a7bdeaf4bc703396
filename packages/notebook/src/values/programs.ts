// Programs and tapes: as a graph, forward in one pass and backward in another, with shapes and values on the edges; folded by
// layer where there are many steps, and summed up where there are no layers to fold by.

import { gradients, Program, type ProgramValue, Tape, type Tensor } from "@adjoint/autograd";
import { type EdgeLike, graph, type NodeLike } from "../views/graph.ts";
import { groupOf } from "../views/group.ts";
import { counted, countText } from "../views/number-text.ts";
import { table } from "../views/table.ts";
import type { GraphNode, View } from "../views/view.ts";
import { captionOf, typeText, valueText } from "./captions.ts";
import type { Kind, ShowOptions } from "./kind.ts";
import { layersOf, passesOf, pathsOf } from "./layers-of-programs.ts";
import { asText } from "./plain.ts";

/** How many values are drawn one by one. */
const mostDrawn = 60;
/** How many layers and other parts are drawn of a folded program. */
const mostFolded = 100;

const inputsOf = ({ origin }: ProgramValue): readonly ProgramValue[] =>
  origin.kind === "step" ? origin.step.inputs : [];

const idOf = (value: ProgramValue) => `v${value.id}`;

function roleOf(value: ProgramValue, outputs: ReadonlySet<ProgramValue>): GraphNode["role"] {
  if (outputs.has(value)) return "output";
  const { kind } = value.origin;
  if (kind === "argument") return "input";
  if (kind === "variable" || kind === "gradient") return "variable";
  return kind === "constant" ? "constant" : "step";
}

/** ∂J of the values on the tape of a single float; nothing where there is none, or where it can't be differentiated. */
function cotangentsOf(program: Program): ReadonlyMap<ProgramValue, Tensor> {
  const none = new Map<ProgramValue, Tensor>();
  if (!(program instanceof Tape) || program.outputs.length !== 1) return none;
  const [loss] = program.outputs;
  if (loss!.shape.length !== 0 || !loss!.dtype.startsWith("float")) return none;
  const wanted = Object.fromEntries(
    program.values.flatMap((value) =>
      value === loss || value.origin.kind === "constant" || !value.dtype.startsWith("float")
        ? []
        : [[idOf(value), program.tensors[value.id]!]],
    ),
  );
  try {
    const found = gradients(program.tensors[loss!.id]!, wanted, { allowUnused: "omit" });
    return new Map(
      program.values.flatMap((value) => {
        const own = found[idOf(value)];
        return own === undefined ? [] : [[value, own] as const];
      }),
    );
  } catch {
    // A rule that fails is no reason to hide the way forward; whoever asks for the gradient hears of it.
    return none;
  }
}

/** Every value as a box. */
function drawn(program: Program, options: ShowOptions): View {
  const { values, outcomes } = program;
  const outputs = new Set(program.outputs);
  const passOf = passesOf(program);
  const paths = pathsOf(options.model);
  const layers = layersOf(program, paths);
  const cotangents = cotangentsOf(program);
  const uses = new Map<ProgramValue, number>();
  for (const value of values)
    for (const input of inputsOf(value)) uses.set(input, (uses.get(input) ?? 0) + 1);
  const numbersOf = (value: ProgramValue): string =>
    program instanceof Tape
      ? valueText(program.tensors[value.id]!.data)
      : value.origin.kind === "constant" && value.shape.length > 0
        ? valueText(value.origin.array.data)
        : "";
  const backOf = (value: ProgramValue) => {
    const own = cotangents.get(value);
    return own === undefined ? "" : `∂J = ${valueText(own.data) || typeText(own)}`;
  };
  const nodes = values.map((value): NodeLike => {
    const group = layers.get(value);
    const isEnd = outputs.has(value) || (uses.get(value) ?? 0) === 0;
    const sum = (uses.get(value) ?? 0) > 1 ? backOf(value) : "";
    return {
      id: idOf(value),
      role: roleOf(value, outputs),
      pass: passOf(value),
      lines: [
        captionOf(value, paths),
        ...(isEnd ? [numbersOf(value) || typeText(value)] : []),
        ...(sum === "" ? [] : [sum]),
      ],
      ...(group === undefined ? {} : { group: `layer ${group}` }),
    };
  });
  const forward = values.flatMap((value) =>
    inputsOf(value).map((input): EdgeLike => {
      const numbers = numbersOf(input);
      return {
        from: idOf(input),
        to: idOf(value),
        pass: passOf(value),
        lines: [typeText(input), ...(numbers === "" ? [] : [numbers])],
      };
    }),
  );
  // An operand that is used once has the whole derivative on its arrow; one that is used more often has the sum in its box.
  const backward = values.flatMap((value) =>
    [...new Set(inputsOf(value))]
      .filter((input) => cotangents.has(input) && (value === program.outputs[0] || cotangents.has(value)))
      .map(
        (input): EdgeLike => ({
          from: idOf(value),
          to: idOf(input),
          pass: "backward",
          lines: uses.get(input) === 1 ? [backOf(input)] : [],
        }),
      ),
  );
  const left = outcomes.flatMap(({ variable, value }, i): { node: NodeLike; edge: EdgeLike }[] =>
    value === undefined
      ? []
      : [
          {
            node: {
              id: `left${i}`,
              role: "output",
              pass: passOf(value),
              lines: [`${variable.name === "" ? "variable" : variable.name} ←`],
            },
            edge: { from: idOf(value), to: `left${i}`, pass: passOf(value), lines: [typeText(value)] },
          },
        ],
  );
  return graph(
    [...nodes, ...left.map(({ node }) => node)],
    [...forward, ...backward, ...left.map(({ edge }) => edge)],
    {
      title: options.title ?? titleOf(program),
      groups: [...new Set(layers.values())].map((layer) => ({
        id: `layer ${layer}`,
        label: `layer ${layer}`,
      })),
      text: program.toString(),
      note: [cotangents.size > 0 ? "∂J: the derivative of the result J in the value" : "", options.note ?? ""]
        .filter((each) => each !== "")
        .join("; "),
    },
  );
}

const titleOf = (program: Program) =>
  `${program instanceof Tape ? "Tape" : "Program"} of ${counted(program.steps.length, "step")}`;

/** How often each primitive is among the steps, the most frequent first. */
function countsOf(values: readonly ProgramValue[]): readonly (readonly [string, number, number])[] {
  const counts = new Map<string, [number, number]>();
  for (const { origin, shape } of values) {
    if (origin.kind !== "step" || origin.output !== 0) continue;
    const { name } = origin.step.primitive;
    const [count, elements] = counts.get(name) ?? [0, 0];
    counts.set(name, [count + 1, elements + shape.reduce((product, n) => product * n, 1)]);
  }
  return [...counts]
    .map(([name, [count, elements]]) => [name, count, elements] as const)
    .sort((a, b) => b[1] - a[1]);
}

/** One box for each layer and pass. */
function folded(program: Program, options: ShowOptions, model: object): View | null {
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
function summedUp(program: Program, options: ShowOptions): View {
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

export const programs: Kind = {
  name: "a program",
  forms: ["table"],
  view(value, options) {
    if (!(value instanceof Program)) return undefined;
    if (options.as === "table") return summedUp(value, options);
    if (options.as === "text") return asText(value.toString(), options);
    if (value.values.length <= mostDrawn) return drawn(value, options);
    if (options.model === undefined) return summedUp(value, options);
    const graph = folded(value, options, options.model);
    return graph ?? summedUp(value, options);
  },
};

interface Compiled {
  readonly programs: readonly { toString(): string }[];
}

const isCompiled = (value: unknown): value is Compiled =>
  typeof value === "function" && "programs" in value && "prepare" in value && Array.isArray(value.programs);

/** Compiled functions by the listings of their programs, kernels and memory; and these programs themselves. */
export const compiled: Kind = {
  name: "a compiled function",
  forms: [],
  view(value, options) {
    if (isCompiled(value)) {
      if (value.programs.length === 0)
        return asText("a compiled function without a program yet: call it, or ask for .program(…)", options);
      return groupOf(
        value.programs.map((program) => asText(String(program))),
        { title: options.title ?? counted(value.programs.length, "program") },
      );
    }
    if (typeof value !== "object" || value === null || !("run" in value)) return undefined;
    const text = value.toString === Object.prototype.toString ? "" : String(value);
    return text.startsWith("program: ") ? asText(text, options) : undefined;
  },
};
