// The graph while it is written: nodes, constants, and graphs within nodes. What was computed before is not computed again.

import type { Attribute, Constant, ElementType, Graph, Node, Port } from "./encode.ts";
import { isFixed, type Size } from "./sizes.ts";

/** A tensor of the graph. */
export interface Element {
  readonly name: string;
  readonly type: ElementType;
}

interface Scope {
  readonly nodes: Node[];
  /** The results of the nodes, by what they are. */
  readonly known: Map<string, readonly string[]>;
}

type Attributes = Readonly<Record<string, Attribute>>;

/** Constants with more elements are not compared with others. */
const FEW = 64;

const scope = (): Scope => ({ nodes: [], known: new Map() });
const textOf = (value: number) => (Object.is(value, -0) ? "-0" : `${value}`);

export class Writer {
  readonly #constants: Constant[] = [];
  readonly #known = new Map<string, string>();
  /** Nodes that run before all others: what is computed of the size of the batch. */
  readonly #first = scope();
  readonly #scopes: Scope[] = [scope()];
  readonly #taken: Set<string>;
  readonly #batch: { readonly input: string; readonly axis: number } | undefined;
  /** The names that values have in the end. */
  readonly #names = new Map<string, string>();
  #count = 0;

  /** `taken` are the names of inputs, outputs and variables; `batch` says where the size of the batch is found. */
  constructor(taken: Iterable<string>, batch?: { readonly input: string; readonly axis: number }) {
    this.#taken = new Set(taken);
    this.#batch = batch;
  }

  /** A name that nothing has. */
  fresh(prefix = "v"): string {
    let name: string;
    do name = `${prefix}${this.#count++}`;
    while (this.#taken.has(name));
    return name;
  }

  /** The results of an operator; those of an earlier node where one is the same. */
  several(
    operator: string,
    inputs: readonly string[],
    types: readonly ElementType[],
    attributes: Attributes = {},
  ): readonly Element[] {
    const own = this.#scopes.at(-1)!;
    // Graphs within nodes are not compared.
    const isGraph = Object.values(attributes).some((value) => "graph" in value);
    const key = isGraph ? undefined : JSON.stringify([operator, inputs, types, attributes]);
    // What comes first can't be made of what comes later.
    const visible = own === this.#first ? [own] : [this.#first, ...this.#scopes];
    const known = key === undefined ? undefined : visible.find((each) => each.known.has(key))?.known.get(key);
    const outputs = known ?? types.map(() => this.fresh());
    if (known === undefined) own.nodes.push({ operator, inputs, outputs, attributes });
    if (key !== undefined) own.known.set(key, outputs);
    return outputs.map((name, i) => ({ name, type: types[i]! }));
  }

  /** The result of an operator. */
  add(operator: string, inputs: readonly string[], type: ElementType, attributes: Attributes = {}): Element {
    return this.several(operator, inputs, [type], attributes)[0]!;
  }

  /** Gives an output of a graph its name, by a node where the value is none of this graph's nodes, or has a name already. */
  output(from: string, to: string): void {
    const { nodes } = this.#scopes.at(-1)!;
    if (!this.#names.has(from) && nodes.some(({ outputs }) => outputs.includes(from)))
      this.#names.set(from, to);
    else nodes.push({ operator: "Identity", inputs: [from], outputs: [to], attributes: {} });
  }

  /** Numbers that the file holds. */
  constant(type: ElementType, shape: readonly number[], data: ArrayLike<number>, name?: string): Element {
    const key =
      data.length <= FEW && name === undefined
        ? `${type} ${shape.join()} ${Array.from(data, textOf).join()}`
        : undefined;
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return { name: known, type };
    const made = { name: name ?? this.fresh("c"), type, shape, data };
    this.#constants.push(made);
    if (key !== undefined) this.#known.set(key, made.name);
    return made;
  }

  scalar(type: ElementType, value: number): Element {
    return this.constant(type, [], [value]);
  }

  /** Whole numbers as operators take them: a vector of int64. */
  ints(values: readonly number[]): string {
    return this.constant("int64", [values.length], values).name;
  }

  /** Sizes as operators take them: a vector of int64. */
  sizes(sizes: readonly Size[]): string {
    if (sizes.every(isFixed)) return this.ints(sizes.map(({ plus }) => plus));
    return this.#before(() => {
      const parts: string[] = [];
      let run: number[] = [];
      const end = () => {
        if (run.length > 0) parts.push(this.ints(run));
        run = [];
      };
      for (const size of sizes) {
        if (isFixed(size)) run.push(size.plus);
        else {
          end();
          parts.push(this.#size(size));
        }
      }
      end();
      return parts.length === 1 ? parts[0]! : this.add("Concat", parts, "int64", { axis: { int: 0 } }).name;
    });
  }

  /** A size as a single number of a type. */
  size(size: Size, type: ElementType): Element {
    if (isFixed(size)) return this.scalar(type, size.plus);
    return this.#before(() => {
      const single = this.add("Squeeze", [this.#size(size), this.ints([0])], "int64");
      return type === "int64" ? single : this.cast(single, type);
    });
  }

  /** A size that depends on the batch, as a vector of one number. */
  #size({ times, plus }: Size): string {
    if (this.#batch === undefined) throw new Error("a size depends on a batch, and no input has one");
    const { input, axis } = this.#batch;
    let { name } = this.add("Shape", [input], "int64", { start: { int: axis }, end: { int: axis + 1 } });
    if (times !== 1) ({ name } = this.add("Mul", [name, this.ints([times])], "int64"));
    if (plus !== 0) ({ name } = this.add("Add", [name, this.ints([plus])], "int64"));
    return name;
  }

  cast(x: Element, type: ElementType): Element {
    return x.type === type ? x : this.add("Cast", [x.name], type, { to: { type } });
  }

  #before<T>(write: () => T): T {
    this.#scopes.push(this.#first);
    try {
      return write();
    } finally {
      this.#scopes.pop();
    }
  }

  /** A graph within a node. It sees what is around it; `write` gives what comes out, in the order of the ports. */
  inner(
    name: string,
    inputs: readonly Port[],
    write: () => readonly (Element & Pick<Port, "shape">)[],
  ): Graph {
    const own = scope();
    this.#scopes.push(own);
    try {
      const outputs = write().map(({ name: from, type, shape }) => {
        const to = this.fresh();
        this.output(from, to);
        return { name: to, type, shape };
      });
      return { name, inputs, outputs, constants: [], nodes: own.nodes };
    } finally {
      this.#scopes.pop();
    }
  }

  /** The whole. */
  graph(name: string, inputs: readonly Port[], outputs: readonly Port[]): Graph {
    const nodes = [...this.#first.nodes, ...this.#scopes[0]!.nodes];
    return this.#named({ name, inputs, outputs, constants: this.#constants, nodes });
  }

  #named(graph: Graph): Graph {
    const named = (names: readonly string[]) => names.map((name) => this.#names.get(name) ?? name);
    const inner = (value: Attribute): Attribute =>
      "graph" in value ? { graph: this.#named(value.graph) } : value;
    const nodes = graph.nodes.map(({ operator, inputs, outputs, attributes }) => ({
      operator,
      inputs: named(inputs),
      outputs: named(outputs),
      attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, inner(value)])),
    }));
    return { ...graph, nodes };
  }
}
