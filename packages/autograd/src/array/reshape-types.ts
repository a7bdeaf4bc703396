// The shape of the same elements in other axes, as a type.

import type { Differ, Shape, ShapeMismatch, ShapeText } from "./shape-types.ts";
import type { Product, Quotient } from "./size-types.ts";

/** How many elements there are: literal where all sizes are. */
export type ElementCount<S extends Shape, N extends number = 1> = S extends readonly [
  infer First extends number,
  ...infer Rest extends Shape,
]
  ? number extends First
    ? number
    : ElementCount<Rest, Product<N, First>>
  : S extends readonly []
    ? N
    : number;

/** A shape given as a literal, where −1 stands for the size that is left of the elements of S. */
export type Reshaped<S extends Shape, B extends Shape> = number[] extends B
  ? Shape
  : { -readonly [K in keyof B]: B[K] extends -1 ? LeftOf<ElementCount<S>, B> : B[K] };
type LeftOf<N extends number, B extends Shape> = number extends N
  ? number
  : Quotient<N, ElementCount<WithoutOpen<B>>>;

/** A shape without its −1. */
type WithoutOpen<B extends Shape, Done extends Shape = []> = B extends readonly [
  infer N extends number,
  ...infer Rest extends Shape,
]
  ? WithoutOpen<Rest, N extends -1 ? Done : [...Done, N]>
  : [...Done, ...B];

/** Put on the new shape: unknown where it holds as many elements. Those of B are counted only where those of S are known. */
export type Reshapable<S extends Shape, B extends Shape> = Holds<ElementCount<S>, S, B>;
type Holds<N extends number, S extends Shape, B extends Shape> = number extends N
  ? unknown
  : -1 extends B[number]
    ? [DivisibleBy<N, ElementCount<WithoutOpen<B>>>] extends [never]
      ? unknown
      : ShapeMismatch<`reshape: no size in place of −1 makes ${ShapeText<B>} hold the ${N} elements of ${ShapeText<S>}; give sizes whose product divides ${N}`>
    : [Differ<N, ElementCount<B>>] extends [never]
      ? unknown
      : ShapeMismatch<`reshape: ${ShapeText<S>} has ${N} elements and ${ShapeText<B>} ${ElementCount<B>}; they must be equal (−1 stands for the size that fits)`>;
type DivisibleBy<N extends number, By extends number> = Differ<Product<Quotient<N, By>, By>, N>;
