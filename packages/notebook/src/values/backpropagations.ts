// One pass forward and one back through dense layers: the network as the lecture draws it, all matrices as a table, and the
// computation as a graph with the lecture's quantities on its edges.

import { Tensor } from "@adjoint/autograd";
import type { Backpropagation, LayerTrace } from "@adjoint/nn";
import { type EdgeLike, graph, type NodeLike } from "../views/graph.ts";
import { groupOf } from "../views/group.ts";
import { type LayerLike, mostLayers, network } from "../views/network.ts";
import { counted, numberText, shapeText } from "../views/number-text.ts";
import type { TableView, View } from "../views/view.ts";
import type { Kind, ShowOptions } from "./kind.ts";
import { asText, isPlain } from "./plain.ts";

/** How many numbers a label on an edge has at most. */
const mostOnEdge = 12;
/** How many rows of a matrix the table has at most. */
const mostRows = 32;
/** How many arrows between two layers have their numbers written on them. */
const mostLabelled = 16;

const isTensorOrNull = (value: unknown) => value === null || value instanceof Tensor;

const isTrace = (value: unknown): value is LayerTrace =>
  isPlain(value) &&
  value.x instanceof Tensor &&
  ["delta", "weight", "gradient"].every((name) => isTensorOrNull(value[name]));

const isBackpropagation = (value: unknown): value is Backpropagation =>
  isPlain(value) &&
  value.loss instanceof Tensor &&
  value.inputGradient instanceof Tensor &&
  Array.isArray(value.layers) &&
  value.layers.length > 1 &&
  value.layers.every(isTrace);

/** A matrix taken out of its tensor: asking a tensor for its numbers copies them. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: ArrayLike<number>;
}

const matrixOf = (tensor: Tensor): Matrix => {
  const [rows, columns] = tensor.shape as [number, number];
  return { rows, columns, data: tensor.data as unknown as ArrayLike<number> };
};

const at = ({ data, columns }: Matrix, i: number, j: number) => data[i * columns + j]!;

/** Numbers as the lecture writes them: a zero times a negative number is −0, and would print its sign. */
const written = (value: number, digits: number) => numberText(value === 0 ? 0 : value, digits);

/** A matrix on an edge: "(1, 0, 1)" for a row, rows apart by semicolons, or the shape where it is large. */
function edgeText(name: string, tensor: Tensor, digits: number): string {
  const matrix = matrixOf(tensor);
  if (tensor.size > mostOnEdge) return `${name}: ${shapeText(tensor.shape)}`;
  const rows = Array.from({ length: matrix.rows }, (_, i) =>
    Array.from({ length: matrix.columns }, (_, j) => written(at(matrix, i, j), digits)).join(", "),
  );
  return `${name} = (${rows.join("; ")})`;
}

/** The computation as a graph: weighted sums and activations forward, δ and ∇ back. */
function graphOf({ layers, loss, inputGradient }: Backpropagation, digits: number): View {
  const last = layers.length - 1;
  const nodes: NodeLike[] = [{ id: "x0", role: "input", lines: ["x(0)"], group: "layer 0" }];
  const edges: EdgeLike[] = [];
  const groups = layers.map((_, l) => ({
    id: `layer ${l}`,
    label: l === 0 ? "layer 0, the input" : l === last ? `layer ${l}, the output` : `layer ${l}`,
  }));
  for (let l = 0; l < last; l++) {
    const [here, next] = [layers[l]!, layers[l + 1]!];
    const [sum, active, weight] = [`s${l + 1}`, `x${l + 1}`, `W${l}`];
    const group = `layer ${l + 1}`;
    nodes.push(
      { id: weight, role: "variable", lines: [`W(${l})`, shapeText(here.weight!.shape)], group },
      { id: sum, role: "step", lines: [`s(${l + 1}) = x(${l})·W(${l})`], group },
      {
        id: active,
        role: l + 1 === last ? "output" : "step",
        lines: [l + 1 === last ? `ŷ = x(${l + 1}) = φ(s(${l + 1}))` : `x(${l + 1}) = φ(s(${l + 1}))`],
        group,
      },
    );
    edges.push(
      { from: `x${l}`, to: sum, lines: [edgeText(`x(${l})`, here.x, digits)] },
      { from: weight, to: sum, lines: [edgeText(`W(${l})`, here.weight!, digits)] },
      { from: sum, to: active },
      { from: active, to: sum, pass: "backward", lines: [edgeText(`δ(${l + 1})`, next.delta!, digits)] },
      { from: sum, to: weight, pass: "backward", lines: [edgeText(`∇(${l})`, here.gradient!, digits)] },
      {
        from: sum,
        to: `x${l}`,
        pass: "backward",
        lines: l === 0 ? [edgeText("∂J/∂x(0)", inputGradient, digits)] : [],
      },
    );
  }
  nodes.push({ id: "J", role: "output", lines: [`J = ${written(loss.item(), Math.max(digits, 6))}`] });
  edges.push(
    { from: `x${last}`, to: "J", lines: [edgeText("ŷ", layers[last]!.x, digits)] },
    { from: "J", to: `x${last}`, pass: "backward" },
  );
  return graph(nodes, edges, {
    title: "Forward and back",
    groups,
    note: "forward: x and W; back: δ = ∂J/∂s, the derivative of the loss in the weighted sums, and ∇ = ∂J/∂W",
  });
}

/** The network with x and δ of one sample at the neurons, and W and ∇ on the arrows. */
function drawing({ layers }: Backpropagation, digits: number): View {
  const batch = layers[0]!.x.shape[0]!;
  const columns = layers.map(({ x, delta, weight, gradient }, l): LayerLike => {
    const hasBias = weight !== null;
    const [xs, deltas] = [matrixOf(x), delta === null ? null : matrixOf(delta)];
    const [weights, gradients] = [
      weight === null ? null : matrixOf(weight),
      gradient === null ? null : matrixOf(gradient),
    ];
    const isLabelled = weight !== null && weight.size <= mostLabelled;
    return {
      name: l === 0 ? "x(0)" : l === layers.length - 1 ? `x(${l}) = ŷ` : `x(${l})`,
      size: xs.columns - (hasBias ? 1 : 0),
      hasBias,
      value: (unit) => (batch === 0 ? "" : written(at(xs, 0, unit), digits)),
      delta: (unit) =>
        deltas === null || batch === 0 || (hasBias && unit === 0) ? "" : written(at(deltas, 0, unit), digits),
      weight: (from, to) => (weights === null ? 0 : at(weights, from, to)),
      lines: (from, to) =>
        isLabelled
          ? [`W ${written(at(weights!, from, to), digits)}`, `∇ ${written(at(gradients!, from, to), digits)}`]
          : [],
    };
  });
  return network(columns, {
    title: "Network",
    note: batch > 1 ? `x and δ of the first of ${batch} samples; ∇ is that of the whole batch` : "",
  });
}

/** Every matrix, row by row. */
function tableOf({ layers, loss }: Backpropagation, { digits }: ShowOptions): TableView {
  const rows: string[][] = [];
  let left = 0;
  const add = (name: string, tensor: Tensor | null) => {
    if (tensor === null) return;
    const matrix = matrixOf(tensor);
    const shown = Math.min(mostRows, matrix.rows);
    left += matrix.rows - shown;
    for (let i = 0; i < shown; i++) {
      const cells = Array.from({ length: Math.min(16, matrix.columns) }, (_, j) =>
        written(at(matrix, i, j), digits ?? 6),
      );
      const more = matrix.columns > 16 ? [`… ${counted(matrix.columns - 16, "more number")}`] : [];
      rows.push([
        i === 0 ? name : "",
        i === 0 ? shapeText(tensor.shape) : "",
        String(i),
        [...cells, ...more].join(", "),
      ]);
    }
  };
  layers.forEach(({ x, delta, weight, gradient }, l) => {
    add(`x(${l})`, x);
    add(`δ(${l})`, delta);
    add(`W(${l})`, weight);
    add(`∇(${l})`, gradient);
  });
  return {
    kind: "table",
    title: `J = ${written(loss.item(), 6)}`,
    columns: [
      { name: "quantity", align: "left" },
      { name: "shape", align: "left" },
      { name: "row", align: "right" },
      { name: "numbers", align: "left" },
    ],
    rows,
    note: `rows of x and δ are samples; row 0 of W and ∇ belongs to the bias neuron${left > 0 ? `; ${counted(left, "more row")} left out` : ""}`,
  };
}

export const backpropagations: Kind = {
  name: "a backpropagation",
  forms: ["table"],
  view(value, options) {
    if (!isBackpropagation(value)) return undefined;
    const { title = "", note = "" } = options;
    const list = tableOf(value, options);
    if (options.as === "table") return { ...list, title: title || list.title };
    const digits = options.digits ?? 3;
    const parts: View[] =
      value.layers.length > mostLayers
        ? [list, asText(`${value.layers.length} layers are too many to be drawn side by side`)]
        : [drawing(value, digits), graphOf(value, digits), list];
    return groupOf([...parts, ...(note === "" ? [] : [asText(note)])], { title });
  },
};
