// Values as JavaScript code that makes them, for the snippets that checks print.

import { sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { Expression, inOrder } from "../expression/expression.ts";
import { Tensor } from "../tensor/tensor.ts";

/** A number, including those that JSON can't express. */
export const numberCode = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

/** Elements of a shape as the call that makes the tensor. */
export function tensorCode(values: readonly number[], shape: Shape, dtype: string): string {
  const told = dtype === "float32" ? "" : `dtype: "${dtype}"`;
  if (sizeOf(shape) === 0 || shape.length > 2) {
    const options = [told, `shape: [${shape.join(", ")}]`].filter(Boolean).join(", ");
    return `tensor([${values.map(numberCode).join(", ")}], { ${options} })`;
  }
  let next = 0;
  const nest = (axis: number): string =>
    axis === shape.length
      ? numberCode(values[next++]!)
      : `[${Array.from({ length: shape[axis]! }, () => nest(axis + 1)).join(", ")}]`;
  return `tensor(${nest(0)}${told === "" ? "" : `, { ${told} }`})`;
}

/** Any tree of tensors and plain values. */
export function literal(value: unknown): string {
  if (value instanceof Tensor)
    return tensorCode(Array.from(value.data as ArrayLike<number>), value.shape, value.dtype);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "number") return numberCode(value);
  if (typeof value === "function") return String(value);
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([key, each]) => `${propertyName(key)}: ${literal(each)}`);
    return `{ ${fields.join(", ")} }`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

const propertyName = (key: string) => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key));

/** A name that is a valid JavaScript identifier. */
export const identifier = (name: string): string => {
  const clean = name.replace(/[^\w$]+(\w)?/g, (_, next?: string) => next?.toUpperCase() ?? "");
  return /^[A-Za-z_$]/.test(clean) ? clean : `_${clean}`;
};

/** An expression as the calls that build it, shared parts named; null where an atom of it is no method of expressions. */
export function expressionCode(root: Expression, parameters: readonly string[]): string | null {
  const order = inOrder(root);
  const uses = new Map<Expression, number>();
  for (const { operands } of order) for (const each of operands) uses.set(each, (uses.get(each) ?? 0) + 1);
  const written = new Map<Expression, string>();
  const lines: string[] = [];
  for (const node of order) {
    if (node.isConstant) {
      written.set(node, numberCode(node.constant));
    } else if (node.atom === null) {
      written.set(node, parameters[node.input]!);
    } else {
      const { name } = node.atom;
      const isMethod =
        (Expression.prototype as unknown as Record<string, unknown>)[name] !== undefined &&
        isKnown(node.atom, name);
      if (!isMethod) return null;
      const [first, ...rest] = node.operands;
      // A constant has methods only once it is an expression.
      const receiver = first!.isConstant
        ? `${parameters[0]}.mul(0).add(${written.get(first!)!})`
        : written.get(first!)!;
      const code = `${receiver}.${name}(${rest.map((each) => written.get(each)!).join(", ")})`;
      if (uses.get(node)! > 1) {
        const part = `t${lines.length + 1}`;
        lines.push(`const ${part} = ${code};`);
        written.set(node, part);
      } else written.set(node, code);
    }
  }
  const result = written.get(root)!;
  if (lines.length === 0) return `(${parameters.join(", ")}) => ${result}`;
  return `(${parameters.join(", ")}) => { ${lines.join(" ")} return ${result}; }`;
}

/** Whether the method of that name builds this atom, and not another one that has its name. */
function isKnown(atom: object, name: string): boolean {
  const x = Expression.input(0) as unknown as Record<string, (...others: Expression[]) => Expression>;
  const { arity } = atom as { arity: number };
  const others = Array.from({ length: arity - 1 }, (_, i) => Expression.input(i + 1));
  return x[name]!(...others).atom === atom;
}
