// The shape that an equation of `einsum` gives, as a type, where the equation is literal. With "..." or spaces in it the shape
// is left to the running program.

import type { Differ, HasRank, Shape, ShapeMismatch } from "./shape-types.ts";

type Shaped = readonly { readonly shape: Shape }[];

/** The axes that letters name, as pairs of a letter and a size. */
type Axis = readonly [letter: string, size: number];

/** The pairs of all operands; null where an operand's letters and axes are not both known, or differ in number. */
type AxesOf<Inputs extends string, T extends Shaped, Done extends readonly Axis[] = []> = T extends readonly [
  infer First extends Shaped[number],
  ...infer Rest extends Shaped,
]
  ? Inputs extends `${infer Labels},${infer More}`
    ? AxesOf<More, Rest, PairsOf<Labels, First["shape"], Done>>
    : Rest extends readonly []
      ? PairsOf<Inputs, First["shape"], Done>
      : never
  : never;

type PairsOf<
  Labels extends string,
  S extends Shape,
  Done extends readonly Axis[],
> = Labels extends `${infer Letter}${infer More}`
  ? HasRank<S> extends true
    ? S extends readonly [infer N extends number, ...infer Rest extends Shape]
      ? PairsOf<More, Rest, [...Done, [Letter, N]]>
      : never
    : PairsOf<More, S, [...Done, [Letter, number]]>
  : HasRank<S> extends true
    ? S extends readonly []
      ? Done
      : never
    : Done;

/** The size of a letter: the first that is known, or `number`. */
type SizeOf<Letter extends string, Axes extends readonly Axis[]> = Axes extends readonly [
  infer First extends Axis,
  ...infer Rest extends readonly Axis[],
]
  ? First[0] extends Letter
    ? number extends First[1]
      ? SizeOf<Letter, Rest>
      : First[1]
    : SizeOf<Letter, Rest>
  : number;

type SizesOf<
  Labels extends string,
  Axes extends readonly Axis[],
  Done extends Shape = [],
> = Labels extends `${infer Letter}${infer More}`
  ? SizesOf<More, Axes, [...Done, SizeOf<Letter, Axes>]>
  : Done;

/** Whether it can be read here: literal, with letters only. */
type IsPlain<E extends string> = string extends E
  ? false
  : E extends `${string}.${string}` | `${string} ${string}`
    ? false
    : true;

/** The shape of the result; unknown where the equation has no "->", since its letters would have to be sorted. */
export type EinsumShape<E extends string, T extends Shaped> =
  IsPlain<E> extends true
    ? E extends `${infer Inputs}->${infer Output}`
      ? [AxesOf<Inputs, T>] extends [infer Axes extends readonly Axis[]]
        ? [Axes] extends [never]
          ? Shape
          : SizesOf<Output, Axes>
        : Shape
      : Shape
    : Shape;

/** The text of the first letter whose sizes differ; never where all agree. */
type ClashOf<Axes extends readonly Axis[]> = Axes extends readonly [
  infer First extends Axis,
  ...infer Rest extends readonly Axis[],
]
  ? [Differ<First[1], SizeOf<First[0], Rest>>] extends [never]
    ? ClashOf<Rest>
    : `${First[0]} is ${First[1]} in one place and ${SizeOf<First[0], Rest>} in another`
  : never;

type InputsOf<E extends string> = E extends `${infer Inputs}->${string}` ? Inputs : E;

/** Put on the equation: unknown where the sizes of each letter agree or aren't known, else a type whose text tells which don't. */
export type EinsumAgrees<E extends string, T extends Shaped> =
  IsPlain<E> extends true
    ? [ClashOf<AxesOf<InputsOf<E>, T>>] extends [never]
      ? unknown
      : ShapeMismatch<`einsum: "${E}": ${ClashOf<AxesOf<InputsOf<E>, T>>}; axes of one letter must be equally long`>
    : unknown;
