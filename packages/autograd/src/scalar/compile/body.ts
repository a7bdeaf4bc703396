// Builds the body of a kernel for float64 numbers, node by node. Equal nodes become one, and operations on constants
// are computed at once. Outside the body, truth values are numbers.

import type { Atom } from "../../expression/atoms/atom.ts";
import { identifierOf } from "../../expression/atoms/identity.ts";
import { type Expression, inOrder } from "../../expression/expression.ts";
import type { BodyNode } from "../../kernels/kernel.ts";

export class Body {
  readonly nodes: BodyNode[] = [];
  /** How many arrays the body reads. */
  reads = 0;
  readonly #known = new Map<string, number>();

  #node(key: string, make: () => BodyNode): number {
    let place = this.#known.get(key);
    if (place === undefined) this.#known.set(key, (place = this.nodes.push(make()) - 1));
    return place;
  }

  /** Adds a read of one more array; returns its node. */
  read(): number {
    return this.nodes.push({ op: "read", read: this.reads++, dtype: "float64" }) - 1;
  }

  constant(value: number): number {
    const key = `c ${Object.is(value, -0) ? "-0" : value}`;
    return this.#node(key, () => ({ op: "constant", value, dtype: "float64" }));
  }

  /** Converts a node's value to a number; returns the node of the number. */
  number(operand: number): number {
    return this.#as(operand, "float64");
  }

  #as(operand: number, dtype: "float64" | "bool"): number {
    if (this.nodes[operand]!.dtype === dtype) return operand;
    return this.#node(`${dtype} ${operand}`, () => ({ op: "convert", operand, dtype }));
  }

  /** Adds an expression whose inputs are nodes; returns the node of its value. */
  apply(expression: Expression, inputs: readonly number[]): number {
    const image = new Map<Expression, number>();
    for (const node of inOrder(expression)) {
      const { atom, operands, input, constant } = node;
      if (atom !== null) {
        const places = operands.map((operand) => image.get(operand)!);
        image.set(node, this.#atom(atom, places));
      } else image.set(node, node.isConstant ? this.constant(constant) : inputs[input]!);
    }
    return image.get(expression)!;
  }

  #atom(atom: Atom, operands: readonly number[]): number {
    const known = operands.map((operand) => this.nodes[operand]!);
    if (known.every((node) => node.op === "constant")) {
      return this.constant((atom.value as (...x: number[]) => number)(...known.map((node) => node.value)));
    }
    const kinds = atom.operands;
    const places = operands.map((operand, k) =>
      this.#as(operand, (typeof kinds === "string" ? kinds : kinds[k]) === "bool" ? "bool" : "float64"),
    );
    return this.#node(`${identifierOf(atom)} ${places.join()}`, () => ({
      op: "atom",
      atom,
      operands: places,
      dtype: atom.result === "bool" ? "bool" : "float64",
    }));
  }
}
