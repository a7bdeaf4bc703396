// A graph that can be run: its nodes in order, each with what runs it. Graphs within nodes see the names around them.

import { Datum } from "./datum.ts";
import type { ElementType } from "./element-types.ts";
import { at, quoted, refuse } from "./onnx-error.ts";
import type { Run } from "./operators/operator.ts";
import type { Context, InnerGraph, Role } from "./running.ts";

/** An input or an output of a graph. */
export interface ValueInfo {
  /** Its name in the file. */
  readonly name: string;
  /** Its element type in the file. */
  readonly type: ElementType;
  /** Its sizes: numbers, names of sizes that may differ from call to call, null for sizes that are not said; null for any shape. */
  readonly shape: readonly (number | string | null)[] | null;
}

/** A node that can be run. */
export interface ReadyNode {
  readonly place: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly run: Run;
  /** Names that nobody reads after this node. */
  readonly last: readonly string[];
}

/** A graph that can be run. */
export class Graph implements InnerGraph {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly captured: ReadonlyMap<string, ReadonlySet<Role>>;
  readonly #constants: ReadonlyMap<string, () => Datum>;
  readonly #nodes: readonly ReadyNode[];

  constructor(parts: {
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly captured: ReadonlyMap<string, ReadonlySet<Role>>;
    readonly constants: ReadonlyMap<string, () => Datum>;
    readonly nodes: readonly ReadyNode[];
  }) {
    this.inputs = parts.inputs;
    this.outputs = parts.outputs;
    this.captured = parts.captured;
    this.#constants = parts.constants;
    this.#nodes = parts.nodes;
  }

  /** The outputs for inputs, both in order. */
  run(inputs: readonly Datum[], context: Context): Datum[] {
    const values = new Map<string, Datum>();
    this.inputs.forEach((name, i) => {
      values.set(name, inputs[i]!);
    });
    const constants = this.#constants;
    const lookup = (name: string): Datum | undefined =>
      values.get(name) ?? constants.get(name)?.() ?? context.lookup(name);
    const inner: Context = { ...context, lookup };
    const needed = (name: string): Datum =>
      lookup(name) ??
      refuse(`${quoted(name)} has no value: it is an optional output that its node does not give here`);
    for (const node of this.#nodes) {
      at(node.place, () => {
        const given = node.inputs.map((name) => (name === "" ? undefined : needed(name)));
        const made = node.run(given, inner);
        const results = made instanceof Datum ? [made] : made;
        node.outputs.forEach((name, i) => {
          const result = results[i];
          if (name !== "" && result !== undefined) values.set(name, result);
        });
      });
      for (const name of node.last) values.delete(name);
    }
    return this.outputs.map(needed);
  }
}
