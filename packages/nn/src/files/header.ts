// The header of a safetensors file: JSON of one fixed form. It is read byte by byte instead of by JSON.parse, which takes
// the last of two equal names in silence, rounds large numbers, and can't say at which byte a mistake is.

import { FileError } from "./file-error.ts";
import { decoded, isUnicode } from "./utf8.ts";

/** What the header says of one tensor. */
export interface Entry {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** Its bytes, counted from the end of the header. */
  readonly start: number;
  readonly end: number;
  /** The byte of the file at which its entry begins. */
  readonly at: number;
}

export interface Header {
  readonly metadata: ReadonlyMap<string, string>;
  readonly entries: readonly Entry[];
  /** The byte of the file at which the tensors' bytes begin. */
  readonly end: number;
}

/** The most bytes that a header may have, as in the reference implementation. */
export const LONGEST_HEADER = 100_000_000;

/** The most axes that a tensor may have, as in NumPy. Without a bound, a header could say millions. */
export const MOST_AXES = 64;

/** The name under which texts stand beside the tensors. */
export const METADATA = "__metadata__";

export const quoted = (name: string): string =>
  JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

const byte = (character: string): number => character.charCodeAt(0);
const [QUOTE, BACKSLASH, ZERO, NINE] = [byte('"'), byte("\\"), byte("0"), byte("9")];
const SPACES: readonly number[] = [byte(" "), byte("\t"), byte("\n"), byte("\r")];

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  /** The next byte. */
  at: number;
  /** What is being read, for messages. */
  inside = "the header";

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.at = start;
  }

  refuse(what: string, at = this.at): never {
    throw new FileError(`fromSafetensors: ${this.inside}, at byte ${at}, ${what}`, at);
  }

  #skipSpaces(): void {
    while (this.at < this.#end && SPACES.includes(this.#bytes[this.at]!)) this.at++;
  }

  /** Whether the next character is this one; passes over it. */
  takes(character: string): boolean {
    this.#skipSpaces();
    if (this.at >= this.#end || this.#bytes[this.at] !== byte(character)) return false;
    this.at++;
    return true;
  }

  take(character: string): void {
    if (this.takes(character)) return;
    const found = this.at >= this.#end ? "ends" : `has ${quoted(String.fromCharCode(this.#bytes[this.at]!))}`;
    this.refuse(`${found} where ${character} belongs`);
  }

  /** Passes over `open item, item, … close`. */
  list(open: string, close: string, item: () => void): void {
    this.take(open);
    if (this.takes(close)) return;
    do item();
    while (this.takes(","));
    this.take(close);
  }

  /** Passes over an object; `value` reads what stands under a name. No name may occur twice. */
  object(value: (name: string, at: number) => void): void {
    const names = new Set<string>();
    this.list("{", "}", () => {
      this.#skipSpaces();
      const { at } = this;
      const name = this.text();
      if (names.has(name)) this.refuse(`has the name ${quoted(name)} a second time`, at);
      names.add(name);
      this.take(":");
      value(name, at);
    });
  }

  text(): string {
    this.take('"');
    const start = this.at - 1;
    while (this.at < this.#end && this.#bytes[this.at] !== QUOTE)
      this.at += this.#bytes[this.at] === BACKSLASH ? 2 : 1;
    if (this.at >= this.#end) this.refuse("has a text without an end", start);
    this.at++;
    let text: string;
    try {
      // Of a text alone: JSON knows its escapes.
      text = JSON.parse(decoded(this.#bytes.subarray(start, this.at))) as string;
    } catch {
      return this.refuse("has a text that is no JSON text in UTF-8", start);
    }
    if (!isUnicode(text))
      this.refuse("has a text with half of a surrogate pair, which has no form in UTF-8", start);
    return text;
  }

  /** A whole number, 0 or more, that a JavaScript number holds exactly. */
  whole(what: string): number {
    this.#skipSpaces();
    const start = this.at;
    let value = 0;
    while (this.at < this.#end && this.#bytes[this.at]! >= ZERO && this.#bytes[this.at]! <= NINE) {
      value = value * 10 + this.#bytes[this.at]! - ZERO;
      this.at++;
    }
    const digits = this.at - start;
    const leadsWithZero = digits > 1 && this.#bytes[start] === ZERO;
    if (digits === 0 || leadsWithZero) this.refuse(`has ${what} that is no whole number, 0 or more`, start);
    if (value > Number.MAX_SAFE_INTEGER) this.refuse(`has ${what} above 2⁵³`, start);
    return value;
  }

  close(): void {
    this.#skipSpaces();
    if (this.at < this.#end) this.refuse("goes on after its last brace");
  }
}

function entryOf(scanner: Scanner, name: string, at: number): Entry {
  let type: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  scanner.inside = `tensor ${quoted(name)}`;
  scanner.object((field, at) => {
    if (field === "dtype") type = scanner.text();
    else if (field === "shape") {
      const sizes: number[] = [];
      shape = sizes;
      scanner.list("[", "]", () => {
        if (sizes.push(scanner.whole("a size")) > MOST_AXES)
          scanner.refuse(`has more than ${MOST_AXES} axes`);
      });
    } else if (field === "data_offsets") {
      const both: number[] = [];
      offsets = both;
      scanner.list("[", "]", () => {
        if (both.push(scanner.whole("an offset")) > 2) scanner.refuse("has more than two offsets");
      });
    } else scanner.refuse(`has a field ${quoted(field)}; it may have dtype, shape and data_offsets`, at);
  });
  if (type === undefined) scanner.refuse("has no dtype", at);
  if (shape === undefined) scanner.refuse("has no shape", at);
  if (offsets?.length !== 2) scanner.refuse("has no data_offsets of two numbers", at);
  scanner.inside = "the header";
  return { name, type: type!, shape: shape!, start: offsets![0]!, end: offsets![1]!, at };
}

/** Reads the header of a file. Throws FileError where it has another form. */
export function headerOf(bytes: Uint8Array): Header {
  const refuse = (what: string): never => {
    throw new FileError(`fromSafetensors: ${what}`, 0);
  };
  if (bytes.length < 8)
    refuse(`the file has ${bytes.length} bytes, and its first 8 are the length of its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(0, true) + 2 ** 32 * view.getUint32(4, true);
  if (length > LONGEST_HEADER || length > bytes.length - 8)
    refuse(
      `the file has ${bytes.length} bytes and says that its header has ${length}; it is cut short, or no safetensors file`,
    );
  const end = 8 + length;
  const scanner = new Scanner(bytes, 8, end);
  const entries: Entry[] = [];
  const metadata = new Map<string, string>();
  scanner.object((name, at) => {
    if (name === METADATA) scanner.object((key) => void metadata.set(key, scanner.text()));
    else entries.push(entryOf(scanner, name, at));
  });
  scanner.close();
  return { metadata, entries, end };
}
