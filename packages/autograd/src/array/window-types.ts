// Shapes of what is padded, or covered by windows, as types: convolution and pooling.

import type { Differ, HasRank, Shape, ShapeMismatch, ShapeText, Unsized } from "./shape-types.ts";
import type { Difference, Product, Quotient, Sum } from "./size-types.ts";

/** One for all axes, or one for each. */
export type PerAxis<T> = T | readonly T[];

/** The one for an axis. */
type At<Each, Axis extends number> = Each extends readonly unknown[] ? Each[Axis] : Each;
type NumberAt<Each, Axis extends number> = At<Each, Axis> extends infer N extends number ? N : number;

/** How many elements a window reaches over. */
type Span<Size extends number, Dilation extends number> = Dilation extends 1
  ? Size
  : Sum<Product<Difference<Size, 1>, Dilation>, 1>;

/** How much padding stands around an axis, both ends together. */
type Around<Width> = Width extends number
  ? Sum<Width, Width>
  : Width extends readonly [infer Before extends number, infer After extends number]
    ? Sum<Before, After>
    : number;

/** How many windows fit on N elements. */
type Count<N extends number, Reach extends number, Stride extends number, Padding, Axis extends number> = [
  Padding,
  Stride,
] extends ["same", 1]
  ? N
  : CountIn<
      Padding extends "valid"
        ? N
        : Padding extends "same"
          ? Sum<N, Difference<Reach, 1>>
          : Sum<N, Around<At<Padding, Axis>>>,
      Reach,
      Stride
    >;
type CountIn<N extends number, Reach extends number, Stride extends number> =
  Difference<N, Reach, null> extends infer Rest extends number ? Sum<Quotient<Rest, Stride>, 1> : number;

/** How many windows fit along each axis. */
export type Counts<
  Sizes extends Shape,
  Window,
  Strides,
  Padding,
  Dilations,
  Done extends Shape = [],
> = Sizes extends readonly [infer N extends number, ...infer Rest extends Shape]
  ? Counts<
      Rest,
      Window,
      Strides,
      Padding,
      Dilations,
      [
        ...Done,
        Count<
          N,
          Span<NumberAt<Window, Done["length"]>, NumberAt<Dilations, Done["length"]>>,
          NumberAt<Strides, Done["length"]>,
          Padding,
          Done["length"]
        >,
      ]
    >
  : Done;

/** The shape of a convolution: [batch, channels, ...sizes] with [outputs, channels, ...window] → [batch, outputs, ...]. */
export type Convolved<
  X extends Shape,
  Kernel extends Shape,
  Strides,
  Padding,
  Dilations,
> = X extends readonly [infer Batch extends number, number, ...infer Sizes extends Shape]
  ? Kernel extends readonly [infer Outputs extends number, number, ...infer Window extends Shape]
    ? [Batch, Outputs, ...Counts<Sizes, Window, Strides, Padding, Dilations>]
    : [Batch, number, ...Unsized<Sizes>]
  : Kernel extends readonly [infer Outputs extends number, number, ...infer Window extends Shape]
    ? [number, Outputs, ...Unsized<Window>]
    : Shape;

/** Put on a kernel: unknown where it has the rank and the channels of what it goes over. */
export type KernelFits<X extends Shape, Kernel extends Shape, Groups extends number = 1> = [
  Differ<X["length"], Kernel["length"]> | Differ<Channels<X>, Product<Channels<Kernel>, Groups>>,
] extends [never]
  ? unknown
  : ShapeMismatch<`convolution: ${ShapeText<X>} with kernel ${ShapeText<Kernel>}: expected [batch, channels, ...sizes] and [outputs, channels / groups, ...window] of one rank and with equal channels`>;
type Channels<S extends Shape> = S extends readonly [number, infer N extends number, ...Shape] ? N : number;

/** The shape of what is pooled: windows of a size over all axes but the first two, or of sizes over the last axes. */
export type Pooled<X extends Shape, Size, Strides, Padding> =
  HasRank<X> extends true
    ? Size extends readonly number[]
      ? HasRank<Size> extends true
        ? Ends<X, Size> extends [infer First extends Shape, infer Last extends Shape]
          ? [...First, ...Counts<Last, Size, Strides, Padding, 1>]
          : Shape
        : Unsized<X>
      : X extends readonly [
            infer Batch extends number,
            infer Channels extends number,
            ...infer Sizes extends Shape,
          ]
        ? [Batch, Channels, ...Counts<Sizes, Size, Strides, Padding, 1>]
        : Shape
    : Shape;

/** The first axes and the last ones, of which there are as many as in `By`. */
type Ends<S extends Shape, By extends Shape, Last extends Shape = []> = By extends readonly [
  number,
  ...infer Fewer extends Shape,
]
  ? S extends readonly [...infer Init extends Shape, infer N extends number]
    ? Ends<Init, Fewer, [N, ...Last]>
    : never
  : [S, Last];

/** The shape of windows over the last axes: [..., n…] → [..., windows…, size…]. */
export type Windowed<S extends Shape, Sizes extends Shape, Strides, Dilations> =
  HasRank<S> extends true
    ? HasRank<Sizes> extends true
      ? Ends<S, Sizes> extends [infer First extends Shape, infer Last extends Shape]
        ? [...First, ...Counts<Last, Sizes, Strides, "valid", Dilations>, ...Sizes]
        : Shape
      : Shape
    : Shape;

/** The shape with padding around: a width for all axes, or for each a width or [before, after]. */
export type Padded<S extends Shape, Widths> =
  HasRank<S> extends true ? { -readonly [K in keyof S]: Sum<S[K], Around<WidthAt<Widths, K>>> } : Shape;
type WidthAt<Widths, Axis> = Widths extends readonly unknown[]
  ? Axis extends keyof Widths
    ? Widths[Axis]
    : number
  : Widths;
