// The header of an npy file: a few bytes, and a dictionary of three entries as Python writes it. Nothing of it is evaluated.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

import { strFromU8, strToU8 } from "fflate";

/** What the header says of the array. */
export interface ArrayHeader {
  /** The element type as NumPy writes it, such as "<f4". */
  readonly type: string;
  /** Whether the first axis runs fastest. */
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** The byte at which the elements begin. */
  readonly end: number;
  /** The byte at which the element type stands. */
  readonly typeAt: number;
}

/** Throws the error for what is wrong at a byte of the array. */
export type Refuse = (what: string, at: number) => never;

const MAGIC = "\x93NUMPY";
/** The most axes that an array may have, as in NumPy 2. */
export const MOST_AXES = 64;
/** The most bytes of the dictionary, as in NumPy's reader; more is only needed for structured types. */
const LONGEST = 10_000;
/** The bytes within which every header ends that can be read. */
export const LONGEST_HEADER: number = 12 + LONGEST;
/** NumPy leaves room for the largest first size, so that files can grow in place. */
const DIGITS_OF_A_SIZE = 21;

/** Bytes as characters of the same codes. */
const latin = (bytes: Uint8Array): string => strFromU8(bytes, true);

/** Reads the texts, truth values and whole numbers of Python. */
class Scanner {
  readonly #text: string;
  readonly #start: number;
  readonly #refuse: Refuse;
  #at = 0;

  constructor(text: string, start: number, refuse: Refuse) {
    this.#text = text;
    this.#start = start;
    this.#refuse = refuse;
  }

  /** The byte of the array that comes next, after spaces. */
  get at(): number {
    this.#match(/[ \t\n]*/y);
    return this.#start + this.#at;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    return found[0];
  }

  /** Passes over what the pattern finds after spaces; null where it finds nothing. */
  takes(pattern: RegExp): string | null {
    void this.at;
    return this.#match(pattern);
  }

  /** The same, of what must be there. */
  take(pattern: RegExp, what: string): string {
    const { at } = this;
    return this.takes(pattern) ?? this.#refuse(`the header has ${this.#next()} where ${what} belongs`, at);
  }

  #next(): string {
    const rest = this.#text.slice(this.#at, this.#at + 12);
    return rest === "" ? "its end" : JSON.stringify(rest);
  }

  text(what: string): string {
    return this.take(/'[^'\\\n]*'|"[^"\\\n]*"/y, what).slice(1, -1);
  }
}

function shapeIn(scanner: Scanner, refuse: Refuse): number[] {
  const start = scanner.at;
  const shape: number[] = [];
  scanner.take(/\(/y, "the shape, a tuple such as (2, 3),");
  let commas = 0;
  while (scanner.takes(/\)/y) === null) {
    if (shape.length > commas)
      refuse("the header has a shape with two sizes and no comma between", scanner.at);
    const { at } = scanner;
    // Python 2 wrote long numbers with an L.
    const size = Number(
      scanner.take(/(0|[1-9][0-9]*)(?![0-9_.xXeE])L?/y, "a size, a whole number from 0,").replace("L", ""),
    );
    if (!Number.isSafeInteger(size)) refuse("the header has a size above 2⁵³", at);
    if (shape.push(size) > MOST_AXES) refuse(`the header has more than ${MOST_AXES} axes`, at);
    if (scanner.takes(/,/y) !== null) commas++;
  }
  if (shape.length === 1 && commas === 0)
    refuse(
      `the header has the shape (${shape[0]}), which is a number in Python and no tuple; write (${shape[0]},)`,
      start,
    );
  return shape;
}

function dictionaryOf(text: string, start: number, end: number, refuse: Refuse): ArrayHeader {
  const scanner = new Scanner(text, start, refuse);
  let type: string | undefined;
  let typeAt = 0;
  let isFortran: boolean | undefined;
  let shape: number[] | undefined;
  const fields: Readonly<Record<string, () => void>> = {
    descr: () => {
      typeAt = scanner.at;
      if (scanner.takes(/\[/y) !== null)
        refuse(
          "the array is structured: its elements have named fields, and a tensor's are numbers; save each field by itself, array[field]",
          typeAt,
        );
      type = scanner.text("the element type, a text such as '<f4',");
    },
    fortran_order: () => {
      isFortran = scanner.take(/(True|False)\b/y, "True or False") === "True";
    },
    shape: () => {
      shape = shapeIn(scanner, refuse);
    },
  };
  const met = new Set<string>();
  scanner.take(/\{/y, "the brace of a dictionary");
  let isSeparated = true;
  while (scanner.takes(/\}/y) === null) {
    const { at } = scanner;
    if (!isSeparated) scanner.take(/,/y, "a comma or the closing brace");
    const name = scanner.text("one of 'descr', 'fortran_order' and 'shape'");
    if (!Object.hasOwn(fields, name))
      refuse(
        `the header has ${JSON.stringify(name)}, and only descr, fortran_order and shape belong there`,
        at,
      );
    if (met.has(name)) refuse(`the header has ${name} a second time`, at);
    met.add(name);
    scanner.take(/:/y, "a colon");
    fields[name]!();
    isSeparated = scanner.takes(/,/y) !== null;
  }
  if (scanner.takes(/$/y) === null) refuse("the header goes on after its last brace", scanner.at);
  for (const name of Object.keys(fields)) if (!met.has(name)) refuse(`the header has no ${name}`, start);
  return { type: type!, isFortran: isFortran!, shape: shape!, end, typeAt };
}

/** Reads the header of an array. `bytes` may end with it. */
export function headerOf(bytes: Uint8Array, refuse: Refuse): ArrayHeader {
  if (bytes.length < MAGIC.length || latin(bytes.subarray(0, MAGIC.length)) !== MAGIC)
    refuse("this is no npy file, which begins with the byte 147 and NUMPY", 0);
  const cut = () => refuse(`the header is cut short, after ${bytes.length} bytes`, bytes.length);
  if (bytes.length < 10) cut();
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0)
    refuse(`the format has version ${major}.${minor}, and 1.0, 2.0 and 3.0 are known`, 6);
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) cut();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST)
    refuse(`the header says that it has ${length} bytes, and at most ${LONGEST} are read, as in NumPy`, 8);
  const end = start + length;
  if (bytes.length < end) cut();
  return dictionaryOf(latin(bytes.subarray(start, end)), start, end, refuse);
}

/** The header of an array in C order, byte for byte as NumPy 2 writes it. */
export function headerBytes(type: string, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const room = shape.length === 0 ? "" : " ".repeat(Math.max(0, DIGITS_OF_A_SIZE - `${shape[0]}`.length));
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }${room}`;
  // At least one space, then a new line, so that the elements begin at a multiple of 64 bytes.
  const padding = 64 - ((10 + text.length + 1) % 64);
  const length = text.length + padding + 1;
  const all = `${MAGIC}\x01\x00${String.fromCharCode(length & 255, length >> 8)}${text}${" ".repeat(padding)}\n`;
  return strToU8(all, true);
}
