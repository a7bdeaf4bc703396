// Writes zip files, with numbers of 64 bits where 32 don't do, which fflate's writer doesn't have.

import { deflateSync, strToU8 } from "fflate";
import { crc32 } from "./crc32.ts";
import {
  DEFLATED,
  LARGE_NUMBERS,
  lengths,
  STORED,
  signatures,
  TOO_LARGE,
  TOO_MANY,
  UTF8,
} from "./zip-format.ts";

/** A name and the bytes under it. */
export interface NewMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** 1 January 1980, the first day that there is: equal content has equal bytes. */
const DATE = 0x0021;
/** Unix, with version 2.0 or, with numbers of 64 bits, 4.5. */
const [VERSION, LARGE_VERSION, UNIX] = [20, 45, 3 << 8];
/** The owner may read and write, as in the files of NumPy. */
const RIGHTS = 0o600 * 2 ** 16;

/** Bytes of numbers, the lowest byte first: pairs of a number and how many bytes it has. */
function record(...fields: readonly (readonly [value: number, bytes: 2 | 4 | 8])[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [, n]) => sum + n, 0));
  let at = 0;
  // Without a DataView, which would give each of many small records a buffer outside of the engine's own memory.
  for (const [value, n] of fields)
    for (let k = 0; k < n; k++) bytes[at++] = Math.floor(value / 2 ** (8 * k)) % 256;
  return bytes;
}

/** The extra field of those numbers that 32 bits don't hold; empty where they all fit. */
function largeNumbers(...values: readonly number[]): Uint8Array {
  const large = values.filter((value) => value >= TOO_LARGE);
  if (large.length === 0) return new Uint8Array();
  return record([LARGE_NUMBERS, 2], [8 * large.length, 2], ...large.map((value) => [value, 8] as const));
}

const small = (value: number): number => Math.min(value, TOO_LARGE);

/**
 * A zip file, as parts that follow one another. `start` is the byte at which it begins, 0 unless something lies before it; `from`
 * it all places are counted.
 */
export function zipParts(
  members: readonly NewMember[],
  { compressed, start = 0 }: { readonly compressed: boolean; readonly start?: number },
): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = start;
  // Not as arguments, of which there can't be hundreds of thousands.
  const add = (some: readonly Uint8Array[]) => {
    for (const part of some) {
      parts.push(part);
      at += part.length;
    }
  };
  const entries = members.map(({ name, bytes }) => {
    const place = at;
    const data = compressed ? deflateSync(bytes) : bytes;
    const [own, check] = [strToU8(name), crc32(bytes)];
    const flags = own.length === name.length ? 0 : UTF8;
    const method = compressed ? DEFLATED : STORED;
    const isLarge = Math.max(bytes.length, data.length) >= TOO_LARGE;
    // Where one size is large, a member has both of them in its extra field; its entry has those that are.
    const extra = isLarge
      ? record([LARGE_NUMBERS, 2], [16, 2], [bytes.length, 8], [data.length, 8])
      : new Uint8Array();
    const sizes = isLarge ? [TOO_LARGE, TOO_LARGE] : [data.length, bytes.length];
    add([
      record(
        [signatures.member, 4],
        ...([isLarge ? LARGE_VERSION : VERSION, flags, method, 0, DATE].map((n) => [n, 2]) as [number, 2][]),
        ...([check, ...sizes].map((n) => [n, 4]) as [number, 4][]),
        [own.length, 2],
        [extra.length, 2],
      ),
      own,
      extra,
      data,
    ]);
    const large = largeNumbers(bytes.length, data.length, place);
    const version = large.length > 0 ? LARGE_VERSION : VERSION;
    return [
      record(
        [signatures.entry, 4],
        ...([version | UNIX, version, flags, method, 0, DATE].map((n) => [n, 2]) as [number, 2][]),
        ...([check, small(data.length), small(bytes.length)].map((n) => [n, 4]) as [number, 4][]),
        // No comment, no further disk, no text.
        ...([own.length, large.length, 0, 0, 0].map((n) => [n, 2]) as [number, 2][]),
        [RIGHTS, 4],
        [small(place), 4],
      ),
      own,
      large,
    ];
  });
  const directory = at;
  add(entries.flat());
  const [count, size, end] = [members.length, at - directory, at];
  if (count >= TOO_MANY || size >= TOO_LARGE || directory >= TOO_LARGE)
    add([
      record(
        [signatures.largeEnd, 4],
        [lengths.largeEnd - 12, 8],
        [LARGE_VERSION | UNIX, 2],
        [LARGE_VERSION, 2],
        [0, 4],
        [0, 4],
        ...([count, count, size, directory].map((n) => [n, 8]) as [number, 8][]),
      ),
      record([signatures.largeEndPlace, 4], [0, 4], [end, 8], [1, 4]),
    ]);
  const few = Math.min(count, TOO_MANY);
  add([
    record(
      [signatures.end, 4],
      ...([0, 0, few, few].map((n) => [n, 2]) as [number, 2][]),
      [small(size), 4],
      [small(directory), 4],
      [0, 2],
    ),
  ]);
  return parts;
}
