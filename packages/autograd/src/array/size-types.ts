// Arithmetic on sizes as types, digit by digit as on paper, so that its cost grows with the number of digits and not with
// the size. A size that isn't literal, or has more than nine digits, gives `number`.

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";

/** Plus[a][b] = a + b. The last row is for a 9 with one carried. */
type Plus = [
  ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
  ["2", "3", "4", "5", "6", "7", "8", "9", "10", "11"],
  ["3", "4", "5", "6", "7", "8", "9", "10", "11", "12"],
  ["4", "5", "6", "7", "8", "9", "10", "11", "12", "13"],
  ["5", "6", "7", "8", "9", "10", "11", "12", "13", "14"],
  ["6", "7", "8", "9", "10", "11", "12", "13", "14", "15"],
  ["7", "8", "9", "10", "11", "12", "13", "14", "15", "16"],
  ["8", "9", "10", "11", "12", "13", "14", "15", "16", "17"],
  ["9", "10", "11", "12", "13", "14", "15", "16", "17", "18"],
];

/** Minus[b][a] = a − b; where that is negative, "-" and the last digit of 10 + a − b, with one borrowed. */
type Minus = [
  ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  ["-9", "0", "1", "2", "3", "4", "5", "6", "7", "8"],
  ["-8", "-9", "0", "1", "2", "3", "4", "5", "6", "7"],
  ["-7", "-8", "-9", "0", "1", "2", "3", "4", "5", "6"],
  ["-6", "-7", "-8", "-9", "0", "1", "2", "3", "4", "5"],
  ["-5", "-6", "-7", "-8", "-9", "0", "1", "2", "3", "4"],
  ["-4", "-5", "-6", "-7", "-8", "-9", "0", "1", "2", "3"],
  ["-3", "-4", "-5", "-6", "-7", "-8", "-9", "0", "1", "2"],
  ["-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9", "0", "1"],
  ["-1", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9", "0"],
];

/** Times[a][b] = a · b, in two digits. */
type Times = [
  ["00", "00", "00", "00", "00", "00", "00", "00", "00", "00"],
  ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09"],
  ["00", "02", "04", "06", "08", "10", "12", "14", "16", "18"],
  ["00", "03", "06", "09", "12", "15", "18", "21", "24", "27"],
  ["00", "04", "08", "12", "16", "20", "24", "28", "32", "36"],
  ["00", "05", "10", "15", "20", "25", "30", "35", "40", "45"],
  ["00", "06", "12", "18", "24", "30", "36", "42", "48", "54"],
  ["00", "07", "14", "21", "28", "35", "42", "49", "56", "63"],
  ["00", "08", "16", "24", "32", "40", "48", "56", "64", "72"],
  ["00", "09", "18", "27", "36", "45", "54", "63", "72", "81"],
];

/** A size as text; null where it isn't literal, has too many digits, or is none. */
type TextOf<N extends number> = number extends N
  ? null
  : `${N}` extends `${infer _1}${infer _2}${infer _3}${infer _4}${infer _5}${infer _6}${infer _7}${infer _8}${infer _9}${infer _10}${infer _}`
    ? null
    : `${N}` extends `-${string}` | `${string}.${string}`
      ? null
      : `${N}`;

/** The size of a text, which may begin with zeros. */
type SizeOf<Text> = Text extends `0${infer Rest}`
  ? Rest extends ""
    ? 0
    : SizeOf<Rest>
  : Text extends `${infer N extends number}`
    ? N
    : never;

// In what follows, reversed texts have the last digit in front, which comes first in adding and subtracting.
type Reverse<Text, Reversed extends string = ""> = Text extends `${infer First}${infer Rest}`
  ? Reverse<Rest, `${First}${Reversed}`>
  : Reversed;

/** a + b, reversed. */
type Add<A extends string, B extends string, Done extends string = ""> = A extends `${infer LowA extends
  Digit}${infer HighA}`
  ? B extends `${infer LowB extends Digit}${infer HighB}`
    ? Plus[LowA][LowB] extends `1${infer Low extends Digit}`
      ? Add<Incremented<HighA>, HighB, `${Done}${Low}`>
      : Add<HighA, HighB, `${Done}${Plus[LowA][LowB]}`>
    : `${Done}${A}`
  : `${Done}${B}`;
type Incremented<A extends string> = A extends `${infer Low extends Digit}${infer High}`
  ? Low extends "9"
    ? `0${Incremented<High>}`
    : `${Plus[1][Low]}${High}`
  : "1";

/** a − b, reversed; null where it is negative. */
type Subtract<A extends string, B extends string, Done extends string = ""> = B extends `${infer LowB extends
  Digit}${infer HighB}`
  ? A extends `${infer LowA extends Digit}${infer HighA}`
    ? Minus[LowB][LowA] extends `-${infer Low}`
      ? Decremented<HighA> extends infer Rest extends string
        ? Subtract<Rest, HighB, `${Done}${Low}`>
        : null
      : Subtract<HighA, HighB, `${Done}${Minus[LowB][LowA]}`>
    : null
  : `${Done}${A}`;
type Decremented<A extends string> = A extends `${infer Low extends Digit}${infer High}`
  ? Low extends "0"
    ? Decremented<High> extends infer Rest extends string
      ? `9${Rest}`
      : null
    : `${Minus[1][Low]}${High}`
  : null;

/** a · b, reversed; b is not reversed: its first digit comes first. */
type Multiply<A extends string, B extends string, Done extends string = ""> = B extends `${infer First extends
  Digit}${infer Rest}`
  ? Add<`0${Done}`, TimesDigit<A, First>> extends infer Sum extends string
    ? Multiply<A, Rest, Sum>
    : never
  : Done;
/** a · b of one digit, with what was carried, reversed. */
type TimesDigit<
  A,
  B extends Digit,
  Carry extends Digit = "0",
  Done extends string = "",
> = A extends `${infer LowA extends Digit}${infer HighA}`
  ? Times[B][LowA] extends `${infer Tens extends Digit}${infer Ones extends Digit}`
    ? Plus[Ones][Carry] extends `1${infer Low extends Digit}`
      ? TimesDigit<HighA, B, Next<Tens>, `${Done}${Low}`>
      : TimesDigit<HighA, B, Tens, `${Done}${Plus[Ones][Carry]}`>
    : never
  : `${Done}${Carry}`;
/** One more; no product of digits has tens of 9. */
type Next<D extends Digit> = Plus[1][D] extends infer Sum extends Digit ? Sum : never;

/** a / b, rounded down. Only b is reversed. */
type Divide<
  A extends string,
  B extends string,
  Left extends string = "",
  Done extends string = "",
> = A extends `${infer First}${infer Rest}`
  ? HowOften<`${First}${Left}`, B> extends [infer Count extends string, infer Less extends string]
    ? Divide<Rest, B, Less, `${Done}${Count}`>
    : never
  : Done;
type HowOften<A extends string, B extends string, Count extends Digit = "0"> = [
  Subtract<A, B>,
  Plus[1][Count],
] extends [infer Less extends string, infer More extends Digit]
  ? HowOften<Less, B, More>
  : [Count, A];

/** A + B. */
export type Sum<A extends number, B extends number> = B extends 0 ? A : SumOfTexts<TextOf<A>, TextOf<B>>;
type SumOfTexts<A, B> = A extends string
  ? B extends string
    ? SizeOf<Reverse<Add<Reverse<A>, Reverse<B>>>>
    : number
  : number;

/** A − B; `IfNegative` where B is the larger. */
export type Difference<A extends number, B extends number, IfNegative = 0> = B extends 0
  ? A
  : DifferenceOfTexts<TextOf<A>, TextOf<B>, IfNegative>;
type DifferenceOfTexts<A, B, IfNegative> = A extends string
  ? B extends string
    ? Subtract<Reverse<A>, Reverse<B>> extends infer Rest extends string
      ? SizeOf<Reverse<Rest>>
      : IfNegative
    : number
  : number;

/** A · B. */
export type Product<A extends number, B extends number> = B extends 1
  ? A
  : ProductOfTexts<TextOf<A>, TextOf<B>>;
type ProductOfTexts<A, B> = A extends string
  ? B extends string
    ? SizeOf<Reverse<Multiply<Reverse<A>, B>>>
    : number
  : number;

/** A / B, rounded down. */
export type Quotient<A extends number, B extends number> = B extends 1
  ? A
  : B extends 0
    ? number
    : QuotientOfTexts<TextOf<A>, TextOf<B>>;
type QuotientOfTexts<A, B> = A extends string
  ? B extends string
    ? SizeOf<Divide<A, Reverse<B>>>
    : number
  : number;

/** A / B, rounded up. */
export type QuotientUp<A extends number, B extends number> = Quotient<Sum<A, Difference<B, 1>>, B>;
