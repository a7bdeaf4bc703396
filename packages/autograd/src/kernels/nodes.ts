// Builds the body of a kernel: a list of different nodes, in which operations on constants are computed at once. The
// builders of kernels decide what is read and where results are stored.

import type { DType } from "../array/dtype.ts";
import type { Atom } from "../expression/atoms/atom.ts";
import { identifierOf } from "../expression/atoms/identity.ts";
import { type Expression, inOrder } from "../expression/expression.ts";
import { constantOrOperand } from "../expression/simplify.ts";
import type { BodyNode } from "./kernel.ts";

/** Whether lanes compute an atom by approximation. Arithmetic atoms have a printed sign, or take whole numbers too. */
export const isCostly = (atom: Atom): boolean => atom.operands === "float" && atom.notation === undefined;

/**
 * The most that the body of one kernel may cost, by `costOf`. V8 allows a function at most 50,000 locals, of which a
 * single elementary function may take 260, and a body twice as long takes it more than twice the time to compile.
 */
export const LARGEST_BODY = 256;

const costOfAtom = (atom: Atom | null): number => (atom !== null && isCostly(atom) ? 8 : 1);

/** About how much code a node takes: 1 for a simple one. */
export const costOf = (node: BodyNode): number => costOfAtom(node.op === "atom" ? node.atom : null);

/** The same for an expression. */
export const costOfExpression = (expression: Expression): number =>
  inOrder(expression).reduce((sum, { atom }) => sum + costOfAtom(atom), 0);

export class Nodes {
  readonly nodes: BodyNode[] = [];
  readonly #known = new Map<string, number>();

  #node(key: string, node: BodyNode): number {
    let place = this.#known.get(key);
    if (place === undefined) {
      place = this.nodes.push(node) - 1;
      this.#known.set(key, place);
    }
    return place;
  }

  /** An element of one of the arrays that are read. */
  element(read: number, dtype: DType): number {
    return this.#node(`read ${read}`, { op: "read", read, dtype });
  }

  constant(value: number, dtype: DType): number {
    return this.#node(`${dtype} ${Object.is(value, -0) ? "-0" : value}`, { op: "constant", value, dtype });
  }

  convert(operand: number, dtype: DType): number {
    const node = this.nodes[operand]!;
    if (node.op === "constant") return this.constant(castConstant(node.value, dtype), dtype);
    // A node that has been rounded to the type already needs no conversion.
    if (node.dtype === dtype && (node.op !== "atom" || dtype === "float64" || dtype === "bool"))
      return operand;
    return this.#node(`cast ${operand} ${dtype}`, { op: "convert", operand, dtype });
  }

  atom(atom: Atom, operands: readonly number[], dtype: DType): number {
    const constants = operands.map((operand) => {
      const node = this.nodes[operand]!;
      return node.op === "constant" ? node.value : null;
    });
    if (dtype === "int32" && atom.whole !== undefined && !constants.includes(null)) {
      const value = atom.whole.value as (...operands: (number | null)[]) => number;
      return this.constant(value(...constants), dtype);
    }
    const shorter = constantOrOperand(atom, constants);
    if (shorter !== null) {
      if ("constant" in shorter) return this.constant(castConstant(shorter.constant, dtype), dtype);
      const operand = operands[shorter.operand]!;
      if (this.nodes[operand]!.dtype === dtype) return operand;
    }
    return this.#node(`${identifierOf(atom)} ${operands.join()} ${dtype}`, {
      op: "atom",
      atom,
      operands,
      dtype,
    });
  }

  /** Adds an expression whose inputs are nodes; returns the node of its value. */
  expression(expression: Expression, operands: readonly number[]): number {
    const image = new Map<Expression, number>();
    // Constants take the type of the operands beside them, as numbers beside tensors do.
    const place = (node: Expression, dtype: DType) =>
      node.isConstant ? this.constant(node.constant, dtype) : image.get(node)!;
    for (const node of inOrder(expression)) {
      if (node.isConstant) continue;
      if (node.atom === null) {
        image.set(node, operands[node.input]!);
        continue;
      }
      const types = node.operands.map((operand) =>
        operand.isConstant ? null : this.nodes[image.get(operand)!]!.dtype,
      );
      const shared = types.find((type) => type !== null && type !== "bool") ?? null;
      const kinds = node.atom.operands;
      const kindOf = (i: number) => (typeof kinds === "string" ? kinds : kinds[i]!);
      const fallback: DType = shared ?? (types.includes("bool") ? this.#companion(operands) : "float64");
      const places = node.operands.map((operand, i) =>
        place(operand, kindOf(i) === "bool" ? "bool" : fallback),
      );
      const dtype: DType = node.atom.result === "bool" ? "bool" : (shared ?? resultOf(places, this.nodes));
      image.set(node, this.atom(node.atom, places, dtype));
    }
    if (!expression.isConstant) return image.get(expression)!;
    return this.constant(expression.constant, this.#companion(operands));
  }

  /** The type that constants have among these operands. */
  #companion(operands: readonly number[]): DType {
    return operands.map((operand) => this.nodes[operand]!.dtype).find((type) => type !== "bool") ?? "float32";
  }
}

function resultOf(places: readonly number[], nodes: readonly BodyNode[]): DType {
  return places.map((place) => nodes[place]!.dtype).find((type) => type !== "bool") ?? "bool";
}

function castConstant(value: number, dtype: DType): number {
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "int32") return value | 0;
  return dtype === "bool" ? Number(value !== 0) : value;
}
