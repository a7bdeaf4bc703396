// Circular and hyperbolic functions.

import type { Atom } from "./atom.ts";

/** Sine; x in radians. */
export const sin: Atom<1, "same"> = {
  name: "sin",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.sin,
  partials: [(x) => x.cos()],
};

/** Cosine; x in radians. */
export const cos: Atom<1, "same"> = {
  name: "cos",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.cos,
  partials: [(x) => x.sin().neg()],
};

/** Tangent; x in radians. */
export const tan: Atom<1, "same"> = {
  name: "tan",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.tan,
  partials: [(_x, y) => y.square().add(1)],
  kinks: (x) => [x.cos()],
};

/** Hyperbolic tangent; ψ(y) = 1 − y². */
export const tanh: Atom<1, "same"> = {
  name: "tanh",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.tanh,
  partials: [(_x, y) => y.square().neg().add(1)],
};

/** Hyperbolic sine (eˣ − e⁻ˣ)/2. */
export const sinh: Atom<1, "same"> = {
  name: "sinh",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.sinh,
  partials: [(x) => x.cosh()],
};

/** Hyperbolic cosine (eˣ + e⁻ˣ)/2. */
export const cosh: Atom<1, "same"> = {
  name: "cosh",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.cosh,
  partials: [(x) => x.sinh()],
};
