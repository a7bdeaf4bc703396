// Programs and tapes as graphs: a box for each value, forward in one pass and backward in another, shapes and values on the edges.

import { gradients, type Program, type ProgramValue, Tape, type Tensor } from "@adjoint/autograd";
import { type EdgeLike, graph, type NodeLike } from "../views/graph.ts";
import type { View } from "../views/view.ts";
import { captionOf, typeText, valueText } from "./captions.ts";
import type { ShowOptions } from "./kind.ts";
import { layersOf, passesOf, pathsOf } from "./layers-of-programs.ts";
import { idOf, inputsOf, roleOf, titleOf } from "./program-parts.ts";

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
export function drawn(program: Program, options: ShowOptions): View {
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
