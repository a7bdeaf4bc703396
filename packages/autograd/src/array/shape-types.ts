// Shapes as types: where sizes are literal, wrong ones don't compile; where they aren't, `number` stands in
// and the check waits until the program runs.

/** Sizes of the axes, outermost first; [] is a single number. */
export type Shape = readonly number[];

/** A shape that is given as a literal, as a tuple; an array whose length is unknown is any shape. */
export type Literal<S extends Shape> = number[] extends S ? Shape : { -readonly [K in keyof S]: S[K] };

/** As many axes, of whatever sizes. */
export type Unsized<S extends Shape> = { -readonly [K in keyof S]: number };

/** Nested arrays of numbers or truth values, as a tensor is written down. */
export type Nested = number | boolean | readonly Nested[];

/** The shape of nested arrays: literal where the arrays are tuples. */
export type ShapeOf<N> = [Nested] extends [N]
  ? Shape
  : N extends number | boolean
    ? []
    : N extends readonly [infer First, ...infer Rest]
      ? [[First, ...Rest]["length"], ...ShapeOf<First>]
      : N extends readonly (infer Element)[]
        ? N extends readonly []
          ? [0]
          : number extends N["length"]
            ? [number, ...ShapeOf<Element>]
            : never
        : Shape;

/** The message of a shape error, as the type of the parameter that does not fit. */
export interface ShapeMismatch<Message extends string> {
  /** The message. */
  readonly "shapes don't fit": Message;
}

type IsLiteral<N extends number> = number extends N ? false : true;
type Text<S extends Shape> = S extends readonly [infer N extends number, ...infer Rest extends Shape]
  ? Rest extends readonly []
    ? `${N}`
    : `${N}, ${Text<Rest>}`
  : "";
/** A shape as text, for messages. */
export type ShapeText<S extends Shape> = `[${Text<S>}]`;

/** Whether it is known how many axes there are. */
export type HasRank<S extends Shape> = number extends S["length"] ? false : true;

type BroadcastSize<A extends number, B extends number> = A extends B
  ? B extends A
    ? A
    : IsLiteral<A> extends true
      ? A extends 1
        ? number
        : A
      : number
  : A extends 1
    ? B
    : B extends 1
      ? A
      : IsLiteral<A> extends true
        ? IsLiteral<B> extends true
          ? never
          : A
        : B;

/** The shape two shapes broadcast to; never where sizes conflict. */
export type Broadcast<A extends Shape, B extends Shape> = B extends readonly []
  ? A
  : HasRank<B> extends true
    ? HasRank<A> extends true
      ? BroadcastReversed<A, B>
      : Shape
    : Shape;

type BroadcastReversed<A extends Shape, B extends Shape> = A extends readonly [
  ...infer InitA extends Shape,
  infer LastA extends number,
]
  ? B extends readonly [...infer InitB extends Shape, infer LastB extends number]
    ? [...BroadcastReversed<InitA, InitB>, BroadcastSize<LastA, LastB>]
    : [...A]
  : [...B];

// A check gives `never` where shapes fit and `Wrong` where they don't. Of a conditional type that still waits for a type parameter,
// the compiler assumes the branches that are not `any`, so shapes that a generic function doesn't know yet count as fitting.
// biome-ignore lint/suspicious/noExplicitAny: it must be any, for the reason above
export type Wrong = any;

type Clash<A extends number, B extends number> = number extends A | B
  ? never
  : A extends B | 1
    ? never
    : B extends 1
      ? never
      : Wrong;
/** Wrong where two shapes don't broadcast. */
type BroadcastClash<A extends Shape, B extends Shape> = A extends readonly [
  ...infer InitA extends Shape,
  infer LastA extends number,
]
  ? B extends readonly [...infer InitB extends Shape, infer LastB extends number]
    ? Clash<LastA, LastB> | BroadcastClash<InitA, InitB>
    : never
  : never;

/** Put on a parameter of shape B: unknown where A and B broadcast, else a type whose text tells why they don't. */
export type Broadcastable<A extends Shape, B extends Shape, Operation extends string = "broadcast"> = [
  BroadcastClash<A, B>,
] extends [never]
  ? unknown
  : ShapeMismatch<`${Operation}: ${ShapeText<A>} and ${ShapeText<B>} don't broadcast: aligned at the last axis, sizes must agree or be 1`>;

type Inner<S extends Shape> = S extends readonly [...Shape, infer N extends number] ? N : number;
type InnerRight<S extends Shape> = S extends readonly [...Shape, infer N extends number, number]
  ? N
  : S extends readonly [infer N extends number]
    ? N
    : number;
/** Wrong where two sizes are known and differ. */
export type Differ<A extends number, B extends number> = number extends A | B
  ? never
  : A extends B
    ? never
    : Wrong;

/** The axes before those of a matrix. */
type Batch<S extends Shape> = S extends readonly [...infer Batch extends Shape, number, number] ? Batch : [];

/** Put on the right operand of a matrix product: unknown where the inner sizes agree and the batch axes broadcast. */
export type MatmulAgrees<A extends Shape, B extends Shape> = [Differ<Inner<A>, InnerRight<B>>] extends [never]
  ? [BroadcastClash<Batch<A>, Batch<B>>] extends [never]
    ? unknown
    : ShapeMismatch<`matmul: ${ShapeText<A>} · ${ShapeText<B>}: batch axes ${ShapeText<Batch<A>>} and ${ShapeText<Batch<B>>} don't broadcast: aligned at the last axis, sizes must agree or be 1`>
  : ShapeMismatch<`matmul: ${ShapeText<A>} · ${ShapeText<B>}: inner sizes ${Inner<A>} and ${InnerRight<B>} differ (columns on the left must equal rows on the right)`>;

/** The shape of a matrix product; a vector on either side loses its axis. */
export type MatmulShape<A extends Shape, B extends Shape> = A extends readonly [number]
  ? B extends readonly [number]
    ? []
    : B extends readonly [number, infer N extends number]
      ? [N]
      : Shape
  : B extends readonly [number]
    ? A extends readonly [...infer Batch extends Shape, infer M extends number, infer _ extends number]
      ? [...Batch, M]
      : Shape
    : A extends readonly [...infer BatchA extends Shape, infer M extends number, infer _ extends number]
      ? B extends readonly [...infer BatchB extends Shape, infer _ extends number, infer N extends number]
        ? [...Broadcast<BatchA, BatchB>, M, N]
        : Shape
      : Shape;

/** Every matrix of a batch transposed. */
export type LastAxesSwapped<S extends Shape> = S extends readonly [
  ...infer Batch extends Shape,
  infer M extends number,
  infer N extends number,
]
  ? [...Batch, N, M]
  : Shape;

/** The axes in reverse order. */
export type Reversed<S extends Shape> =
  HasRank<S> extends true
    ? S extends readonly [infer First extends number, ...infer Rest extends Shape]
      ? [...Reversed<Rest>, First]
      : []
    : Shape;

/** An axis counted from the front. */
export type FromFront<S extends Shape, Axis extends number> = `${Axis}` extends `-${infer N extends number}`
  ? NthFromEnd<S, N>
  : Axis;
// The axis that lies N from the end: the length of what precedes it.
type NthFromEnd<S extends Shape, N extends number, Tail extends Shape = []> = S extends readonly [
  ...infer Init extends Shape,
  infer Last extends number,
]
  ? [...Tail, Last]["length"] extends N
    ? Init["length"]
    : NthFromEnd<Init, N, [...Tail, Last]>
  : never;

type MarkReduced<
  S extends Shape,
  Axis extends number,
  Keep extends boolean,
  Seen extends Shape = [],
> = S extends readonly [infer N extends number, ...infer Rest extends Shape]
  ? [
      ...(Seen["length"] extends Axis ? (Keep extends true ? [1] : []) : [N]),
      ...MarkReduced<Rest, Axis, Keep, [...Seen, N]>,
    ]
  : [];

type AllOnes<S extends Shape> = S extends readonly [number, ...infer Rest extends Shape]
  ? [1, ...AllOnes<Rest>]
  : [];

/** The shape after a reduction over an axis, several, or (undefined) all. */
export type Reduced<S extends Shape, Axis, Keep extends boolean> =
  HasRank<S> extends true
    ? Axis extends undefined
      ? Keep extends true
        ? AllOnes<S>
        : []
      : Axis extends number
        ? number extends Axis
          ? ReducedSomewhere<S, Keep>
          : MarkReduced<S, FromFront<S, Axis>, Keep>
        : Axis extends readonly (infer Each extends number)[]
          ? number extends Each
            ? Keep extends true
              ? Unsized<S>
              : Shape
            : MarkReduced<S, FromFrontEach<S, Each>, Keep>
          : Shape
    : Axis extends undefined
      ? Keep extends true
        ? Shape
        : []
      : Shape;

type ReducedSomewhere<S extends Shape, Keep extends boolean> = Keep extends true
  ? Unsized<S>
  : S extends readonly [number, ...infer Rest extends Shape]
    ? Unsized<Rest>
    : Shape;

type FromFrontEach<S extends Shape, Axis extends number> = Axis extends number ? FromFront<S, Axis> : never;

/** The shape with axes in another order. */
export type Permuted<S extends Shape, Order extends readonly number[]> =
  HasRank<Order> extends true
    ? HasRank<S> extends true
      ? {
          -readonly [K in keyof Order]: S[FromFront<S, Order[K]>] extends infer N extends number ? N : number;
        }
      : Unsized<Order>
    : HasRank<S> extends true
      ? Unsized<S>
      : Shape;
