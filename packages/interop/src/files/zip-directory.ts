// The directory of a zip file, by our own reader: fflate's takes the sizes on trust and knows numbers of 64 bits in part only.
// Nothing is decompressed here.

import { strFromU8, strToU8 } from "fflate";
import type { Refuse } from "./npy-header.ts";
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

/** A member of a zip file. */
export interface Member {
  readonly name: string;
  /** The byte at which its own header begins. */
  readonly at: number;
  /** Its bytes as they are stored. */
  readonly start: number;
  readonly end: number;
  readonly isDeflated: boolean;
  /** How many bytes it says that it has. */
  readonly size: number;
  /** The checksum that these must have. */
  readonly check: number;
}

/** Version 6.3 of the format: later ones may mean something else. */
const LATEST = 63;
/** The level of compression, sizes that follow the data, and names in UTF-8: what else there is changes how bytes are read. */
const KNOWN_FLAGS = 0b1110 | UTF8;
const ENCRYPTED = 1;

/** Numbers at bytes of the file, the lowest byte first. */
interface Numbers {
  u8(at: number): number;
  u16(at: number): number;
  u32(at: number): number;
  u64(at: number): number;
}

function numbersIn(bytes: Uint8Array, refuse: Refuse): Numbers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    u8: (at) => view.getUint8(at),
    u16: (at) => view.getUint16(at, true),
    u32: (at) => view.getUint32(at, true),
    u64(at) {
      const value = view.getBigUint64(at, true);
      return value <= BigInt(Number.MAX_SAFE_INTEGER)
        ? Number(value)
        : refuse("there is a number above 2⁵³", at);
    },
  };
}

interface Ending {
  readonly count: number;
  /** Where the directory begins and ends. */
  readonly start: number;
  readonly end: number;
}

function endingOf(bytes: Uint8Array, { u16, u32, u64 }: Numbers, refuse: Refuse): Ending {
  let at = bytes.length - lengths.end;
  // A comment of up to 2¹⁶ − 1 bytes may follow.
  const first = Math.max(0, at - TOO_MANY);
  while (at >= first && u32(at) !== signatures.end) at--;
  if (at < first)
    refuse(
      "there is no end of a directory, as zip files have it; the file is cut short, or no npz file",
      bytes.length,
    );
  if (at + lengths.end + u16(at + 20) !== bytes.length)
    refuse("the comment has another length than the directory's end says", at + 20);
  let [count, size, start] = [u16(at + 10), u32(at + 12), u32(at + 16)];
  let end = at;
  const place = at - lengths.largeEndPlace;
  const hasLarge = place >= 0 && u32(place) === signatures.largeEndPlace;
  if (hasLarge) {
    end = place - lengths.largeEnd;
    if (end < 0 || u64(place + 8) !== end || u32(end) !== signatures.largeEnd)
      refuse("the directory's end of 64 bits is not where the file says", place);
    if (u64(end + 4) !== lengths.largeEnd - 12 || u32(place + 4) !== 0 || u32(place + 16) > 1)
      refuse("the directory's end of 64 bits has another form", end);
    const large = [u64(end + 32), u64(end + 40), u64(end + 48)] as const;
    const agrees = [count, size, start].every(
      (value, i) => value === large[i] || value === (i === 0 ? TOO_MANY : TOO_LARGE),
    );
    if (!agrees || u64(end + 24) !== large[0]) refuse("the two ends of the directory don't agree", at);
    [count, size, start] = large;
  }
  const isOnOneDisk = u16(at + 4) === 0 && u16(at + 6) === 0 && u16(at + 8) === u16(at + 10);
  if (!isOnOneDisk) refuse("the file is one of several parts; join them first", at);
  if (start + size !== end)
    refuse(`the directory lies from byte ${start} to ${start + size}, and its end is at byte ${end}`, at);
  return { count, start, end };
}

function nameOf(bytes: Uint8Array, isUtf8: boolean, at: number, refuse: Refuse): string {
  // Behind a letter, since a mark of the order of bytes at the beginning would be taken away.
  const behind = new Uint8Array(bytes.length + 1).fill("x".charCodeAt(0));
  behind.set(bytes, 1);
  const name = strFromU8(behind).slice(1);
  const again = strToU8(name);
  const isExact = again.length === bytes.length && again.every((code, i) => code === bytes[i]);
  if (!isExact || (!isUtf8 && name.length !== bytes.length))
    refuse("there is a name in another encoding than UTF-8; write the file anew under names in ASCII", at);
  if (name.includes("\0")) refuse("there is a name with a byte of 0, at which other readers end it", at);
  return name;
}

/** The numbers of 64 bits that the extra field has, in the place of those that are too large. */
function withLarge(
  { u16, u64 }: Numbers,
  [start, end]: readonly [number, number],
  given: readonly number[],
  refuse: Refuse,
): readonly number[] {
  const values = [...given];
  for (let at = start; at + 4 <= end; ) {
    const next = at + 4 + u16(at + 2);
    if (next > end) refuse("an extra field is longer than its entry", at);
    if (u16(at) === LARGE_NUMBERS) {
      let place = at + 4;
      for (const [i, value] of values.entries()) {
        if (value !== TOO_LARGE) continue;
        if (place + 8 > next) refuse("an extra field lacks a number of 64 bits", at);
        values[i] = u64(place);
        place += 8;
      }
    }
    at = next;
  }
  return values;
}

/** The members of a zip file, in the order of its directory. */
export function membersOf(bytes: Uint8Array, refuse: Refuse): Member[] {
  const numbers = numbersIn(bytes, refuse);
  const { u8, u16, u32 } = numbers;
  const ending = endingOf(bytes, numbers, refuse);
  const members: Member[] = [];
  let at = ending.start;
  while (at < ending.end) {
    const entry = at;
    if (at + lengths.entry > ending.end || u32(at) !== signatures.entry)
      refuse("there is no entry of a directory where one belongs", at);
    const [flags, method] = [u16(at + 8), u16(at + 10)];
    const [nameLength, extraLength, commentLength] = [u16(at + 28), u16(at + 30), u16(at + 32)];
    const nameEnd = at + lengths.entry + nameLength;
    at = nameEnd + extraLength + commentLength;
    if (at > ending.end) refuse("an entry of the directory goes on after the directory", entry);
    const ownName = bytes.subarray(nameEnd - nameLength, nameEnd);
    const name = nameOf(ownName, (flags & UTF8) !== 0, entry, refuse);
    const say = (what: string, where = entry): never => refuse(`${JSON.stringify(name)} ${what}`, where);
    if ((flags & ENCRYPTED) !== 0) say("is encrypted; write the file without a password");
    if ((flags & ~KNOWN_FLAGS) !== 0 || u8(entry + 6) > LATEST)
      say("needs more of a reader than files of arrays do");
    if (method !== STORED && method !== DEFLATED)
      say(
        `is compressed by method ${method}, and 0, stored, and 8, deflated, are known; write it by savez_compressed`,
      );
    const [size, stored, place] = withLarge(
      numbers,
      [nameEnd, nameEnd + extraLength],
      [u32(entry + 24), u32(entry + 20), u32(entry + 42)],
      refuse,
    ) as [number, number, number];
    if (place + lengths.member > ending.start || u32(place) !== signatures.member)
      say(`says that it begins at byte ${place}, and there is none`);
    const start = place + lengths.member + u16(place + 26) + u16(place + 28);
    if (start + stored > ending.start) say("goes on in the directory");
    const sameName = bytes.subarray(place + lengths.member, place + lengths.member + u16(place + 26));
    if (sameName.length !== nameLength || !sameName.every((code, i) => code === ownName[i]))
      say("has another name at its own place", place);
    if ((u16(place + 6) & UTF8) !== (flags & UTF8))
      say("has its name in another encoding at its own place", place);
    if (u16(place + 8) !== method) say("has another method at its own place", place);
    if (method === STORED && size !== stored)
      say(`is stored in ${stored} bytes and says that it has ${size}`);
    members.push({
      ...{ name, at: place, start, end: start + stored },
      ...{ isDeflated: method === DEFLATED, size, check: u32(entry + 16) },
    });
  }
  if (members.length !== ending.count)
    refuse(`the directory has ${members.length} entries, and its end says ${ending.count}`, ending.end);
  // Of members that share bytes, a small file could hold any number.
  members
    .toSorted((a, b) => a.at - b.at)
    .reduce((before, each) => {
      if (each.at < before)
        refuse(`${JSON.stringify(each.name)} begins within the bytes of another`, each.at);
      return each.end;
    }, 0);
  return members;
}
