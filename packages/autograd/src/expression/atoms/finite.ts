// Which elements are numbers, and which of these are finite. All whole numbers and truth values are.

// biome-ignore-all lint/suspicious/noShadowRestrictedNames: a method has the docstring of an atom that is declared by its name

import type { Lane, Lanes } from "../lanes.ts";
import type { Atom } from "./atom.ts";

function predicate(
  name: string,
  value: (x: number) => boolean,
  lanes: (l: Lanes, x: Lane) => Lane,
): Atom<1, "bool"> {
  return {
    name,
    arity: 1,
    result: "bool",
    operands: "any",
    value: (x) => (value(x) ? 1 : 0),
    lanes,
    partials: [() => 0],
  };
}

// Other lanes, of whole numbers and truth values, have no absolute value, and need none.
const isFloat = (x: Lane): boolean => x.kind === "float";

/** Whether x is NaN. NumPy's `isnan`. */
export const isNaN: Atom<1, "bool"> = predicate("isNaN", Number.isNaN, (l, x) => l.isNotEqual(x, x));

/** Whether x is neither infinite nor NaN. NumPy's `isfinite`. */
export const isFinite: Atom<1, "bool"> = predicate("isFinite", Number.isFinite, (l, x) =>
  isFloat(x) ? l.isLess(l.abs(x), l.constant(Infinity)) : l.isEqual(x, x),
);

/** Whether x is ∞ or −∞. NumPy's `isinf`. */
export const isInfinite: Atom<1, "bool"> = predicate(
  "isInfinite",
  (x) => Math.abs(x) === Infinity,
  (l, x) => (isFloat(x) ? l.isEqual(l.abs(x), l.constant(Infinity)) : l.isNotEqual(x, x)),
);
