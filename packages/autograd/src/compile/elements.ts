// Builds the element of a result in a cluster's body, as a primitive's lowering describes it. A probe runs
// the same lowering beforehand, to find out what the element reads and how much code it needs.

import type { Description } from "../array/description.ts";
import type { DType } from "../array/dtype.ts";
import type { Expression } from "../expression/expression.ts";
import { costOfExpression } from "../kernels/nodes.ts";
import type { Element, ElementBuilder } from "../tape/lowering.ts";
import type { Cluster } from "./cluster.ts";

/**
 * Runs a lowering without building anything. Reports the axes whose indices it uses (`counts`) and the
 * operands that it reads at an index along an axis (`looksUp`), and adds up the cost of the code.
 */
export class Probe implements ElementBuilder {
  readonly #operands: readonly Description[];
  readonly #counts: (axis: number) => void;
  readonly #looksUp: (operand: number, axis: number) => void;
  /** In the units of `LARGEST_BODY`. */
  cost = 0;

  constructor(
    operands: readonly Description[],
    counts: (axis: number) => void,
    looksUp: (operand: number, axis: number) => void,
  ) {
    this.#operands = operands;
    this.#counts = counts;
    this.#looksUp = looksUp;
  }

  read(operand: number): Element {
    return { dtype: this.#operands[operand]!.dtype };
  }

  readAt(operand: number, axis: number): Element {
    this.#looksUp(operand, axis);
    return this.read(operand);
  }

  index(axis: number): Element {
    this.#counts(axis);
    return { dtype: "int32" };
  }

  constant(_value: number, dtype: DType): Element {
    return { dtype };
  }

  expression(expression: Expression, operands: readonly Element[]): Element {
    this.cost += costOfExpression(expression);
    return { dtype: operands[0]?.dtype ?? "float32" };
  }

  convert(_element: Element, dtype: DType): Element {
    return { dtype };
  }
}

interface Built extends Element {
  readonly node: number;
}

/** Builds an element in a cluster's body. */
export class Building implements ElementBuilder {
  readonly #cluster: Cluster;
  readonly #reads: (operand: number) => number;
  readonly #readsAt: (operand: number, index: number) => number;
  readonly #counts: (axis: number) => number;

  constructor(
    cluster: Cluster,
    reads: (operand: number) => number,
    readsAt: (operand: number, index: number) => number,
    counts: (axis: number) => number,
  ) {
    this.#cluster = cluster;
    this.#reads = reads;
    this.#readsAt = readsAt;
    this.#counts = counts;
  }

  nodeOf(element: Element): number {
    return (element as Built).node;
  }

  #built(node: number): Built {
    return { node, dtype: this.#cluster.nodes[node]!.dtype };
  }

  read(operand: number): Element {
    return this.#built(this.#reads(operand));
  }

  readAt(operand: number, _axis: number, index: Element): Element {
    return this.#built(this.#readsAt(operand, this.nodeOf(index)));
  }

  index(axis: number): Element {
    return this.#built(this.#counts(axis));
  }

  constant(value: number, dtype: DType): Element {
    return this.#built(this.#cluster.constant(value, dtype));
  }

  expression(expression: Parameters<ElementBuilder["expression"]>[0], operands: readonly Element[]): Element {
    return this.#built(
      this.#cluster.expression(
        expression,
        operands.map((operand) => this.nodeOf(operand)),
      ),
    );
  }

  convert(element: Element, dtype: DType): Element {
    return this.#built(this.#cluster.convert(this.nodeOf(element), dtype));
  }
}
