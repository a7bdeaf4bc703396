// What is asked of a model and of its twin: every transform over trees, by itself and within others.

import {
  bind,
  grad,
  gradients,
  hessian,
  hvp,
  jacobian,
  jvp,
  Tensor,
  type Tree,
  type Variable,
  valueAndGrad,
  vjp,
} from "@adjoint/autograd";

/** A model or its twin: what moves, and functions of it. For a model, that is its variables, which it reads by itself. */
export interface Side {
  readonly at: Tree;
  loss(at: Tree, x: Tensor): Tensor;
  output(at: Tree, x: Tensor): Tensor;
}

/** The tensors of a tree, in order. */
export const leavesOf = (tree: unknown): Tensor[] => {
  if (tree instanceof Tensor) return [tree];
  if (tree instanceof Map || Array.isArray(tree)) return [...tree.values()].flatMap(leavesOf);
  return Object.values(tree as object).flatMap(leavesOf);
};

/** A tree of this form with another tensor in the place of each. */
export function refilled(tree: unknown, next: (each: Tensor) => Tensor): Tree {
  const filled = (each: unknown) => refilled(each, next);
  if (tree instanceof Tensor) return next(tree);
  if (tree instanceof Map) return new Map([...tree].map(([key, each]) => [key, filled(each)]));
  if (Array.isArray(tree)) return tree.map(filled);
  return Object.fromEntries(Object.entries(tree as object).map(([key, each]) => [key, filled(each)]));
}

const sumOfSquares = (tree: unknown): Tensor =>
  leavesOf(tree)
    .map((each) => each.cast("float64").square().sum())
    .reduce((a, b) => a.add(b));

export interface Asked {
  readonly side: Side;
  readonly x: Tensor;
  /** Tangents of what moves, and a cotangent of the output. */
  readonly tangent: Tree;
  readonly cotangent: Tensor;
}

// Of trees of unknown form, which the types of jacobian and hessian have no end for.
type Matrix = (
  f: Side["output"],
  options?: { readonly mode: "reverse" | "forward" },
) => (at: Tree, x: Tensor) => unknown;
const [jacobianOf, hessianOf] = [jacobian, hessian] as unknown as [Matrix, Matrix];

export type Transform = (asked: Asked) => unknown;

/** What is asked of both alike. */
export const transforms: Readonly<Record<string, Transform>> = {
  grad: ({ side, x }) => grad((at: Tree) => side.loss(at, x))(side.at),
  "grad with an argument handed on": ({ side, x }) => grad(side.loss)(side.at, x),
  valueAndGrad: ({ side, x }) => {
    const { value, gradient } = valueAndGrad(side.loss)(side.at, x);
    return [value, gradient];
  },
  vjp: ({ side, x, cotangent }) => {
    const { value, pullback } = vjp(side.output, side.at, x);
    return [value, pullback(cotangent)];
  },
  jvp: ({ side, x, tangent }) => {
    const { value, tangent: moved } = jvp(side.output, side.at, tangent, x);
    return [value, moved];
  },
  hvp: ({ side, x, tangent }) => hvp((at: Tree) => side.loss(at, x), side.at, tangent),
  "jacobian in reverse": ({ side, x }) => jacobianOf(side.output, { mode: "reverse" })(side.at, x),
  "jacobian forward": ({ side, x }) => jacobianOf(side.output, { mode: "forward" })(side.at, x),
  hessian: ({ side, x }) => hessianOf(side.loss)(side.at, x),
  "hessian in reverse": ({ side, x }) => hessianOf(side.loss, { mode: "reverse" })(side.at, x),
  "argnums 1": ({ side, x }) =>
    grad((input: Tensor, at: Tree) => side.loss(at, input), { argnums: 1 })(x, side.at),
  "argnums 0 and 1": ({ side, x }) => grad(side.loss, { argnums: [0, 1] })(side.at, x),
  hasAux: ({ side, x }) =>
    grad((at: Tree) => [side.loss(at, x), { output: side.output(at, x) }] as const, { hasAux: true })(
      side.at,
    ),
  "the gradient of the gradient's squares": ({ side, x }) =>
    grad((at: Tree) => sumOfSquares(grad(side.loss)(at, x)))(side.at),
  "the gradient of a tangent's squares": ({ side, x, tangent }) =>
    grad((at: Tree) => sumOfSquares(jvp(side.output, at, tangent, x).tangent))(side.at),
  "the tangent of a gradient": ({ side, x, tangent }) =>
    jvp((at: Tree) => grad(side.loss)(at, x), side.at, tangent).tangent,
  "the gradient in x of the gradient's squares": ({ side, x }) =>
    grad((input: Tensor) => sumOfSquares(grad(side.loss)(side.at, input)))(x),
  "the gradient of a loss whose input was moved by a gradient": ({ side, x }) =>
    grad((at: Tree) => side.loss(at, x.sub(grad((input: Tensor) => side.loss(at, input))(x))))(side.at),
};

/** One question, as it is asked of a model's variables and of plain tensors. */
export interface Question {
  readonly name: string;
  readonly overVariables: Transform;
  readonly explicit: Transform;
  /** Whether it goes along the tape of variables, on which one that was assigned is a beginning of its own. */
  readonly isByVariables?: boolean;
}

/** The gradients that were added to the variables, which forget them. */
export const gradientsLeft = (moving: Tree) => {
  const variables = leavesOf(moving) as Variable[];
  const left = variables.map((each) => each.grad!);
  for (const each of variables) each.clearGrad();
  return left;
};

const gradOf: Transform = ({ side, x }) => grad(side.loss)(side.at, x);

/** What is asked of variables in a way of their own. */
const pairs: Readonly<Record<string, Omit<Question, "name">>> = {
  gradients: {
    isByVariables: true,
    overVariables: ({ side, x }) => gradients(side.loss(side.at, x), side.at),
    explicit: gradOf,
  },
  backward: {
    isByVariables: true,
    overVariables({ side, x }) {
      side.loss(side.at, x).backward();
      return gradientsLeft(side.at);
    },
    explicit: gradOf,
  },
  bind: {
    overVariables: ({ side, x, tangent }) => bind(side.at as never, tangent, () => side.output(side.at, x)),
    explicit: ({ side, x, tangent }) => side.output(tangent, x),
  },
  "the gradient of what is bound": {
    overVariables: ({ side, x, tangent }) =>
      grad((values: Tree) => bind(side.at as never, values, () => side.loss(side.at, x)))(tangent),
    explicit: ({ side, x, tangent }) => grad(side.loss)(tangent, x),
  },
  "a gradient within bind": {
    overVariables: ({ side, x, tangent }) =>
      bind(side.at as never, tangent, () => grad(side.loss)(side.at, x)),
    explicit: ({ side, x, tangent }) => grad(side.loss)(tangent, x),
  },
  "the gradient through an inner step that is bound": {
    overVariables: ({ side, x }) =>
      grad((at: Tree) => {
        const slope = leavesOf(grad(side.loss)(at, x));
        const moved = leavesOf(at).map((each, i) => each.sub(slope[i]!.mul(0.1)));
        return bind(leavesOf(side.at) as never, moved, () => side.loss(side.at, x));
      })(side.at),
    explicit: ({ side, x }) =>
      grad((at: Tree) => {
        const slope = leavesOf(grad(side.loss)(at, x));
        const moved = leavesOf(at).map((each, i) => each.sub(slope[i]!.mul(0.1)));
        const next = moved.values();
        return side.loss(
          refilled(at, () => next.next().value!),
          x,
        );
      })(side.at),
  },
};

export const questions: readonly Question[] = [
  ...Object.entries(transforms).map(([name, ask]) => ({ name, overVariables: ask, explicit: ask })),
  ...Object.entries(pairs).map(([name, pair]) => ({ name, ...pair })),
];

/** How many numbers may move for a whole matrix of derivatives to be asked for. */
export const isSmallEnough = (name: string, size: number, most: number): boolean =>
  !/hessian|jacobian/.test(name) || size <= most;
