// What a model holds: its variables, or whatever else is looked for, by path.

import { checkFunction, kindOf } from "../array/arguments.ts";
import { leavesIn } from "../array/tree.ts";
import { Expression } from "../expression/expression.ts";
import { ProgramBody } from "../program/parts.ts";
import { Tensor } from "../tensor/tensor.ts";

const isOpaque = (value: object): boolean =>
  value instanceof Tensor || value instanceof Expression || value instanceof ProgramBody;

/**
 * Everything of one kind that a model, or any other structure, holds, by its path, such as "0.weight", in the order of
 * the fields: `leaves(model, (value) => value instanceof Variable)` gives its variables, as a tree that transforms
 * and `bind` take. Arrays, plain objects, Maps, Sets, the own fields of instances of classes, and the fields of
 * functions are looked through. What can be reached by several paths appears once, under the first. Private fields (#name)
 * and what a function closes over can't be seen. `caller` begins the errors.
 * Throws TypeError for a Promise, a WeakMap and the like, which may hold leaves and can't be looked into, and where two
 * leaves would have one path.
 */
export function leaves<Leaf>(
  within: unknown,
  isLeaf: (value: unknown) => value is Leaf,
  { caller = "leaves" }: { readonly caller?: string } = {},
): Record<string, Leaf> {
  checkFunction(caller, isLeaf, "(value) => value instanceof Variable");
  const at = (path: string) => (path === "" ? "what was given" : `what lies at "${path}"`);
  const found = leavesIn(within, {
    isLeaf,
    isFixed: isOpaque,
    closed(value, path) {
      throw new TypeError(
        `${caller}: ${at(path)} is ${kindOf(value)}, which may hold some and can't be looked into; keep what it holds in a field, an array, a Map or a Set, or, where it holds none, keep it in a private field (#name)`,
      );
    },
    ambiguous(path) {
      throw new TypeError(
        `${caller}: two that differ lie at "${path}", as the keys 1 and "1" of a Map do; give them different names`,
      );
    },
  });
  return Object.fromEntries(found);
}
