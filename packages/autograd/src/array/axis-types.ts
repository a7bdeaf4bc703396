// Shapes of tensors that are joined, taken apart or given other axes, as types. What isn't literal stays as wide as it
// must: where only sizes are unknown, the number of axes is known nevertheless.

import type {
  Differ,
  FromFront,
  HasRank,
  Reduced,
  Shape,
  ShapeMismatch,
  ShapeText,
  Unsized,
  Wrong,
} from "./shape-types.ts";
import type { Difference, Quotient, QuotientUp, Sum } from "./size-types.ts";

/** [the axes before one, it and those after it]; never where there is no such axis. */
type SplitAt<S extends Shape, Axis extends number, Before extends Shape = []> = Before["length"] extends Axis
  ? [Before, S]
  : S extends readonly [infer N extends number, ...infer Rest extends Shape]
    ? SplitAt<Rest, Axis, [...Before, N]>
    : never;

/** With another shape's axes in place of one. */
type Replaced<S extends Shape, Axis extends number, By extends Shape> =
  SplitAt<S, FromFront<S, Axis>> extends [
    infer Before extends Shape,
    readonly [number, ...infer After extends Shape],
  ]
    ? [...Before, ...By, ...After]
    : Shape;

/** With one more axis, which is the one that is named. */
export type Inserted<S extends Shape, Axis extends number, N extends number> =
  HasRank<S> extends true
    ? number extends Axis
      ? Unsized<[...S, N]>
      : SplitAt<S, FromFront<[...S, N], Axis>> extends [infer Before extends Shape, infer After extends Shape]
        ? [...Before, N, ...After]
        : Shape
    : Shape;

/** With so many along one axis. */
export type Resized<S extends Shape, Axis extends number, N extends number> =
  HasRank<S> extends true ? (number extends Axis ? Unsized<S> : Replaced<S, Axis, [N]>) : Shape;

/** The shape of slices at indices of shape I along an axis. */
export type Gathered<S extends Shape, I extends Shape, Axis extends number> =
  HasRank<S> extends true
    ? HasRank<I> extends true
      ? number extends Axis
        ? S extends readonly [number, ...infer Rest extends Shape]
          ? Unsized<[...Rest, ...I]>
          : Shape
        : Replaced<S, Axis, I>
      : Shape
    : Shape;

// ── Axes of size 1 ────────────────────────────────────────────────────────────────────────────────────────────

/** Without axes of size 1: those named, or (undefined) all. */
export type Squeezed<S extends Shape, Axis> = Axis extends undefined
  ? WithoutOnes<S>
  : Reduced<S, Axis, false>;

type WithoutOnes<S extends Shape, Done extends Shape = []> = S extends readonly [
  infer N extends number,
  ...infer Rest extends Shape,
]
  ? number extends N
    ? Shape
    : WithoutOnes<Rest, N extends 1 ? Done : [...Done, N]>
  : HasRank<S> extends true
    ? Done
    : Shape;

/** Put on the axis that is to go: unknown where its size is 1, or isn't known. */
export type HasSizeOne<S extends Shape, Axis> = Axis extends number
  ? HasRank<S> extends true
    ? number extends Axis
      ? unknown
      : SplitAt<S, FromFront<S, Axis>> extends [Shape, readonly [infer N extends number, ...Shape]]
        ? [Differ<N, 1>] extends [never]
          ? unknown
          : ShapeMismatch<`squeeze: axis ${Axis} of ${ShapeText<S>} has size ${N}; only axes of size 1 can go`>
        : unknown
    : unknown
  : unknown;

// ── Joining ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Things that have a shape: tensors. */
type Shaped = readonly { readonly shape: Shape }[];

/** The shape of tensors one after another along an axis. */
export type Joined<T extends Shaped, Axis extends number> = T extends readonly [
  infer First extends Shaped[number],
  ...infer Rest extends Shaped,
]
  ? JoinedTo<First["shape"], Rest, Axis>
  : JoinedTo<T[number]["shape"], T, Axis>;

type JoinedTo<S extends Shape, T extends Shaped, Axis extends number> = T extends readonly []
  ? S
  : T extends readonly [infer Next extends Shaped[number], ...infer Rest extends Shaped]
    ? JoinedTo<JoinedPair<S, Next["shape"], Axis>, Rest, Axis>
    : Resized<S, Axis, number>;

type JoinedPair<A extends Shape, B extends Shape, Axis extends number> =
  HasRank<A> extends true
    ? HasRank<B> extends true
      ? number extends Axis
        ? Unsized<A>
        : SumAlong<A, B, FromFront<A, Axis>>
      : Resized<A, Axis, number>
    : Resized<B, Axis, number>;

type SumAlong<A extends Shape, B extends Shape, Axis extends number, Done extends Shape = []> = [
  A,
  B,
] extends [
  readonly [infer M extends number, ...infer RestA extends Shape],
  readonly [infer N extends number, ...infer RestB extends Shape],
]
  ? SumAlong<RestA, RestB, Axis, [...Done, Done["length"] extends Axis ? Sum<M, N> : Known<M, N>]>
  : Done;

/** Of two sizes that agree, the one that is known. */
type Known<A extends number, B extends number> = number extends A ? B : A;

/** The shape of tensors of one shape along a new axis. */
export type Stacked<T extends Shaped, Axis extends number> = Inserted<Common<T>, Axis, T["length"]>;

type Common<T extends Shaped> = T extends readonly [
  infer First extends Shaped[number],
  ...infer Rest extends Shaped,
]
  ? CommonWith<First["shape"], Rest>
  : T[number]["shape"];

type CommonWith<S extends Shape, T extends Shaped> = T extends readonly [
  infer Next extends Shaped[number],
  ...infer Rest extends Shaped,
]
  ? CommonWith<HasRank<S> extends true ? CommonPair<S, Next["shape"]> : Next["shape"], Rest>
  : S;

type CommonPair<A extends Shape, B extends Shape> =
  HasRank<B> extends true ? { -readonly [K in keyof A]: K extends keyof B ? KnownOf<A[K], B[K]> : A[K] } : A;
type KnownOf<A, B> = number extends A ? B : A;

/**
 * Put on a list of tensors: unknown where their shapes agree but for the axis, else a type whose text tells which don't.
 * An axis of null: they must agree in all.
 */
export type Agreeing<T extends Shaped, Axis extends number | null> = T extends readonly [
  infer First extends Shaped[number],
  ...infer Rest extends Shaped,
]
  ? AgreeingWith<First["shape"], Rest, Axis>
  : unknown;

type AgreeingWith<S extends Shape, T extends Shaped, Axis extends number | null> = T extends readonly [
  infer Next extends Shaped[number],
  ...infer Rest extends Shaped,
]
  ? [Disagree<S, Next["shape"], Axis>] extends [never]
    ? AgreeingWith<S, Rest, Axis>
    : Axis extends number
      ? ShapeMismatch<`concat: ${ShapeText<S>} and ${ShapeText<Next["shape"]>} along axis ${Axis}: all other sizes must agree`>
      : ShapeMismatch<`stack: ${ShapeText<S>} and ${ShapeText<Next["shape"]>}: all shapes must agree; to join different lengths, use concat`>
  : unknown;

type Disagree<A extends Shape, B extends Shape, Axis extends number | null> = number extends
  | A["length"]
  | B["length"]
  | Axis
  ? never
  : A["length"] extends B["length"]
    ? DisagreeAside<A, B, Axis extends number ? FromFront<A, Axis> : Axis>
    : Wrong;

type DisagreeAside<A extends Shape, B extends Shape, Axis extends number | null, Seen extends Shape = []> = [
  A,
  B,
] extends [
  readonly [infer M extends number, ...infer RestA extends Shape],
  readonly [infer N extends number, ...infer RestB extends Shape],
]
  ? (Seen["length"] extends Axis ? never : Differ<M, N>) | DisagreeAside<RestA, RestB, Axis, [...Seen, M]>
  : never;

// ── Lists of parts ────────────────────────────────────────────────────────────────────────────────────────────

/** n things: a tuple where n is literal and small. */
export type Tuple<T, N extends number, Sofar extends T[] = []> = number extends N
  ? T[]
  : Sofar["length"] extends N
    ? Sofar
    : Sofar["length"] extends 32
      ? T[]
      : Tuple<T, N, [...Sofar, T]>;

/** The shapes of the parts of a `split`, which takes a number of equal parts, or their sizes. */
export type Split<
  S extends Shape,
  Parts extends number | readonly number[],
  Axis extends number,
> = Parts extends readonly number[]
  ? { -readonly [K in keyof Parts]: Resized<S, Axis, Parts[K] & number> }
  : Parts extends number
    ? Tuple<Resized<S, Axis, Quotient<SizeAlong<S, Axis>, Parts>>, Parts>
    : never;

/** The shapes of the slices along an axis, which they lack. */
export type Unstacked<S extends Shape, Axis extends number> = Tuple<
  Reduced<S, Axis, false>,
  SizeAlong<S, Axis>
>;

type SizeAlong<S extends Shape, Axis extends number> =
  HasRank<S> extends true
    ? number extends Axis
      ? number
      : S[FromFront<S, Axis>] extends infer N extends number
        ? N
        : number
    : number;

// ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** The shape of a regular part, with for each axis what `slice` takes. */
export type Sliced<S extends Shape, Parts extends readonly unknown[]> =
  HasRank<S> extends true ? (number extends Parts["length"] ? Shape : SlicedFrom<S, Parts>) : Shape;

type SlicedFrom<S extends Shape, Parts extends readonly unknown[], Done extends Shape = []> = [
  S,
  Parts,
] extends [
  readonly [infer N extends number, ...infer Rest extends Shape],
  readonly [infer Part, ...infer More extends readonly unknown[]],
]
  ? [Part] extends [number]
    ? SlicedFrom<Rest, More, Done>
    : [Part] extends [null]
      ? SlicedFrom<Rest, More, [...Done, N]>
      : [Part] extends [readonly unknown[]]
        ? SlicedFrom<Rest, More, [...Done, Length<N, Part>]>
        : Shape
  : [...Done, ...S];

/** How many elements `[start, stop, step]` takes of N. */
type Length<N extends number, Part extends readonly unknown[]> = Part extends readonly []
  ? N
  : number extends N
    ? number
    : Part extends readonly [infer Start]
      ? LengthBetween<Bound<N, Start, 0>, N, 1>
      : Part extends readonly [infer Start, infer Stop]
        ? LengthBetween<Bound<N, Start, 0>, Bound<N, Stop, N>, 1>
        : Part extends readonly [infer Start, infer Stop, infer Step extends number]
          ? LengthBetween<Bound<N, Start, 0>, Bound<N, Stop, N>, Step>
          : number;

type LengthBetween<Start extends number, Stop extends number, Step extends number> = QuotientUp<
  Difference<Stop, Start>,
  Step
>;

/** A bound counted from the front and cut at the ends. */
type Bound<N extends number, Index, Otherwise extends number> = [Index] extends [null | undefined]
  ? Otherwise
  : Index extends number
    ? `${Index}` extends `-${infer Back extends number}`
      ? Difference<N, Back>
      : Difference<N, Index, null> extends null
        ? N
        : Index
    : number;

// ── Grids and diagonals ───────────────────────────────────────────────────────────────────────────────────────

/** The shape of the matrix that has a vector on the diagonal so far above, or, if negative, below. */
export type OnDiagonal<V extends Shape, Offset extends number> = V extends readonly [infer N extends number]
  ? Square<Sum<N, Magnitude<Offset>>>
  : [number, number];

type Square<N extends number> = [N, N];
type Magnitude<N extends number> = `${N}` extends `-${infer M extends number}` ? M : N;

/** The shape of the grid of vectors, of which the first two axes are exchanged in the order "xy". */
export type Crossed<T extends Shaped, Order> = "xy" extends Order
  ? "ij" extends Order
    ? Shape
    : SizesOf<T> extends [infer M extends number, infer N extends number, ...infer Rest extends Shape]
      ? [N, M, ...Rest]
      : SizesOf<T>
  : SizesOf<T>;

type SizesOf<T extends Shaped, Done extends Shape = []> = T extends readonly []
  ? Done
  : T extends readonly [infer First extends Shaped[number], ...infer Rest extends Shaped]
    ? SizesOf<Rest, [...Done, LengthOf<First["shape"]>]>
    : Shape;

/** How many numbers a vector has; of a tensor of rank 0, one. */
type LengthOf<S extends Shape> = S extends readonly []
  ? 1
  : S extends readonly [infer N extends number]
    ? N
    : number;

// ── Differences ───────────────────────────────────────────────────────────────────────────────────────────────

/** With n fewer along one axis, and not fewer than none. */
export type Shortened<S extends Shape, Axis extends number, N extends number> =
  HasRank<S> extends true
    ? number extends Axis
      ? Unsized<S>
      : SplitAt<S, FromFront<S, Axis>> extends [
            infer Before extends Shape,
            readonly [infer Size extends number, ...infer After extends Shape],
          ]
        ? [...Before, Difference<Size, N>, ...After]
        : Shape
    : Shape;
