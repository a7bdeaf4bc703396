// Running a graph without WebAssembly: each step's primitive is asked for its numbers, as eager code does. What a program
// is where there are no vectors, and what its numbers are compared with.

import type { NDArray } from "../array/ndarray.ts";
import { listOf } from "../tape/outputs.ts";
import type { Graph, Value } from "./graph.ts";

/** The numbers of every value of a graph, from those of what comes from outside. */
export function interpret(graph: Graph, outside: (value: Value) => NDArray): (value: Value) => NDArray {
  const known = new Map<Value, NDArray>();
  const numbers = (value: Value): NDArray => {
    let array = known.get(value);
    if (array === undefined) known.set(value, (array = outside(value)));
    return array;
  };
  for (const value of graph.values) {
    const { origin } = value;
    if (origin.kind !== "step") continue;
    const { primitive, operands, attributes, output, outputs } = origin;
    const made = primitive.evaluate(operands.map(numbers), attributes, outputs[0]!, outputs);
    known.set(value, listOf<NDArray>(made)[output]!);
  }
  return numbers;
}
