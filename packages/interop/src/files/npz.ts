// npz: arrays by name in one file, as NumPy's savez and load have it. A zip file of npy files.

import type { Tensor } from "@adjoint/autograd";
import { FileError } from "@adjoint/nn";
import { Inflate, inflateSync, strToU8 } from "fflate";
import { checkOptions, checkTensors, fileBytes, kindOf, quoted } from "./checks.ts";
import { crc32 } from "./crc32.ts";
import { arrayOf, bytesOf, writeNpy } from "./npy.ts";
import { headerOf, LONGEST_HEADER, type Refuse } from "./npy-header.ts";
import { type Member, membersOf } from "./zip-directory.ts";
import { zipParts } from "./zip-writer.ts";

const SUFFIX = ".npy";
/** The longest name that a zip file has place for, in bytes. */
const LONGEST_NAME = 0xffff - SUFFIX.length;
/** The most that deflate makes of a byte: 258 bytes for two bits, one for the length and one for the distance. */
const MOST_PER_BYTE = 1032;
/** How much is decompressed at once while looking for a header. */
const STEP = 256;

/** The first bytes of a compressed member, enough for the header of an array. */
function beginningOf(stored: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream = new Inflate((part) => {
    parts.push(part);
    length += part.length;
  });
  for (let at = 0; at < stored.length && length < LONGEST_HEADER; at += STEP)
    stream.push(stored.subarray(at, at + STEP), at + STEP >= stored.length);
  const beginning = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    beginning.set(part, at);
    at += part.length;
  }
  return beginning;
}

/** What fflate makes of damaged bytes, as an error of the file. */
function decompressed<T>(refuse: Refuse, run: () => T): T {
  try {
    return run();
  } catch (error) {
    return refuse(`its compressed bytes are damaged: ${(error as Error).message}`, 0);
  }
}

/**
 * The bytes of a member, as many as the header of its array says. That is asked first, so that a small file can't fill the
 * memory: no more is made room for than the array justifies, and no more than the stored bytes can hold.
 */
function contentOf(file: Uint8Array, member: Member, refuse: Refuse): Uint8Array {
  const stored = file.subarray(member.start, member.end);
  if (!member.isDeflated) return stored;
  const length = bytesOf(
    headerOf(
      decompressed(refuse, () => beginningOf(stored)),
      refuse,
    ),
    refuse,
  );
  if (length !== member.size)
    refuse(`its array has ${length} bytes, and the directory says ${member.size}`, 0);
  if (length > MOST_PER_BYTE * stored.length)
    refuse(`its array has ${length} bytes, and ${stored.length} compressed bytes can't hold as many`, 0);
  // One byte more, to notice where more comes.
  const content = decompressed(refuse, () => inflateSync(stored, { out: new Uint8Array(length + 1) }));
  if (content.length !== length)
    refuse(
      `its array has ${length} bytes, and its compressed bytes hold ${content.length > length ? "more" : content.length}`,
      0,
    );
  return content;
}

/**
 * The tensors of an npz file by name, as NumPy's `savez` and `savez_compressed` write it, with shapes and element types as
 * `readNpy` has them. `only` says by name which are read; all by default. The file is not trusted: sizes are compared with the
 * header of each array before memory is asked for, checksums are checked, and no name may occur twice.
 * Throws FileError, with the name and the byte, where something is damaged, encrypted, or no array of numbers.
 * https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 */
export function readNpz(
  bytes: Uint8Array,
  options: { readonly only?: (name: string) => boolean } = {},
): Record<string, Tensor> {
  const file = fileBytes("readNpz", bytes);
  checkOptions("readNpz", options, ["only"]);
  const { only = () => true } = options;
  if (typeof only !== "function")
    throw new TypeError(
      `readNpz: only is ${kindOf(only)} and must be a function, e.g. (name) => name.startsWith("encoder.")`,
    );
  const refuse: Refuse = (what, at) => {
    throw new FileError(`readNpz: at byte ${at}, ${what}`, at);
  };
  const byName = new Map<string, Member>();
  for (const member of membersOf(file, refuse)) {
    const name = member.name.endsWith(SUFFIX) ? member.name.slice(0, -SUFFIX.length) : member.name;
    if (byName.has(name)) refuse(`the name ${quoted(name)} occurs a second time`, member.at);
    byName.set(name, member);
  }
  const wanted = [...byName].filter(([name]) => only(name));
  return Object.fromEntries(wanted.map(([name, member]) => [name, tensorOf(file, name, member)]));
}

function tensorOf(file: Uint8Array, name: string, member: Member): Tensor {
  const refuse: Refuse = (what, at) => {
    // Compressed bytes have no places in the file that correspond to those of the array.
    const place = member.isDeflated ? member.at : member.start + at;
    const where = member.isDeflated ? `byte ${at} of its ${member.size}` : `byte ${place}`;
    throw new FileError(
      `readNpz: ${quoted(name)}, at ${where}: ${what}; to leave it out, { only: (name) => name !== ${quoted(name)} }`,
      place,
    );
  };
  const content = contentOf(file, member, refuse);
  if (crc32(content) !== member.check)
    refuse("the checksum is another than the directory's; the file is damaged", 0);
  return arrayOf(content, refuse);
}

function checkName(name: string, tensors: Readonly<Record<string, Tensor>>): void {
  const refuse = (what: string): never => {
    throw new RangeError(`writeNpz: the name ${quoted(name)} ${what}`);
  };
  if (/\p{Surrogate}/u.test(name))
    refuse("has half of a surrogate pair, which has no form in UTF-8; leave it out");
  if (name.includes("\0")) refuse("has a character of code 0, at which other readers end it; leave it out");
  if (3 * name.length > LONGEST_NAME && strToU8(name).length > LONGEST_NAME)
    refuse(`has more than ${LONGEST_NAME} bytes; shorten it`);
  if (name.endsWith(SUFFIX) && Object.hasOwn(tensors, name.slice(0, -SUFFIX.length)))
    refuse(`and the same without ${SUFFIX} are one for NumPy; rename one of them`);
}

/**
 * Tensors by name as an npz file, which NumPy's `load` reads: each as `writeNpy` writes it, in the order in which they are given,
 * `compressed` by deflate if asked for; false by default. Equal content has equal bytes. Numbers of 64 bits are written where a
 * file has 65,535 arrays or more, or 4 GiB.
 * Throws TypeError for what is no tensor, RangeError for a name that the format has no form for, and for more than 64 axes.
 */
export function writeNpz(
  tensors: Readonly<Record<string, Tensor>>,
  options: { readonly compressed?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  checkTensors("writeNpz", tensors);
  checkOptions("writeNpz", options, ["compressed"]);
  const { compressed = false } = options;
  if (typeof compressed !== "boolean")
    throw new TypeError(`writeNpz: compressed is ${kindOf(compressed)} and must be true or false`);
  const members = Object.entries(tensors).map(([name, each]) => {
    checkName(name, tensors);
    return { name: `${name}${SUFFIX}`, bytes: writeNpy(each) };
  });
  const parts = zipParts(members, { compressed });
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}
