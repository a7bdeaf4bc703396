// safetensors: tensors by name in one file, as the programs of other engines read and write them. Eight bytes of length, a
// header in JSON, and the tensors' bytes. https://github.com/huggingface/safetensors
// Bytes are those of the machine, which have the file's order wherever the engine runs: WebAssembly fixes it.

import { type Tensor, tensor } from "@adjoint/autograd";
import { checkFunction, checkOptions, checkTensor, fileBytes, kindOf } from "../arguments.ts";
import { FileError } from "./file-error.ts";
import { type Entry, type Header, headerOf, LONGEST_HEADER, METADATA, MOST_AXES, quoted } from "./header.ts";
import { storedAs, storedTypes } from "./stored-types.ts";
import { encoded, isUnicode } from "./utf8.ts";

/** What a safetensors file holds. */
export interface SafetensorsContent {
  /** The tensors by name. */
  readonly tensors: Record<string, Tensor>;
  /** Texts by name. */
  readonly metadata: Record<string, string>;
}

function checkText(what: string, text: unknown): void {
  if (typeof text !== "string")
    throw new TypeError(
      `toSafetensors: ${what} is ${kindOf(text)} and must be a text; write JSON.stringify(…)`,
    );
  if (!isUnicode(text as string))
    throw new RangeError(
      `toSafetensors: ${what} has half of a surrogate pair, which has no form in UTF-8; leave it out`,
    );
}

/**
 * Tensors by name, and texts, as the bytes of a safetensors file. Elements are stored as they are: float32, float64, int32 and
 * bool are F32, F64, I32 and BOOL. The largest elements come first, then names in order, so that equal content has equal
 * bytes; the header is padded to 8 bytes. Throws TypeError for what is no tensor or text, RangeError for a name that the format
 * has no form for, and for more than 64 axes.
 */
export function toSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  options: { readonly metadata?: Readonly<Record<string, string>> } = {},
): Uint8Array<ArrayBuffer> {
  if (kindOf(tensors) !== "an object")
    throw new TypeError(
      `toSafetensors: got ${kindOf(tensors)} where tensors by name belong, e.g. toSafetensors({ weight })`,
    );
  checkOptions("toSafetensors", options, ["metadata"]);
  const { metadata } = options;
  const order = Object.values(storedAs);
  const parts = Object.entries(tensors).map(([name, each]) => {
    checkTensor("toSafetensors", `what is called ${quoted(name)}`, each);
    checkText("a name", name);
    if (name === METADATA)
      throw new RangeError(`toSafetensors: the name ${METADATA} is taken for texts; use another name`);
    if (each.rank > MOST_AXES)
      throw new RangeError(
        `toSafetensors: ${quoted(name)} has ${each.rank} axes, and at most ${MOST_AXES} can be read; reshape it`,
      );
    const { buffer, byteOffset, byteLength } = each.data;
    const type = storedAs[each.dtype];
    return { name, type, shape: each.shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
  });
  const before = <T extends string | number>(a: T, b: T) => (a < b ? -1 : Number(a > b));
  parts.sort((a, b) => before(order.indexOf(a.type), order.indexOf(b.type)) || before(a.name, b.name));
  let length = 0;
  const entries = parts.map(({ name, type, shape, bytes }) => {
    const start = length;
    length += bytes.length;
    return [name, { dtype: type, shape, data_offsets: [start, length] }] as const;
  });
  for (const [name, text] of Object.entries(metadata ?? {})) {
    checkText("a name of the metadata", name);
    checkText(`the metadata's ${quoted(name)}`, text);
  }
  // By hand, since an object would take names such as "1" out of their order.
  const fields: (readonly [string, unknown])[] =
    metadata === undefined ? entries : [[METADATA, metadata], ...entries];
  const header = encoded(
    `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`,
  );
  const end = 8 + Math.ceil(header.length / 8) * 8;
  if (end - 8 > LONGEST_HEADER)
    throw new RangeError(
      `toSafetensors: the header would have ${end - 8} bytes, and at most ${LONGEST_HEADER} can be read; use several files`,
    );
  const file = new Uint8Array(end + length);
  new DataView(file.buffer).setUint32(0, end - 8, true);
  file.set(header, 8);
  file.fill(" ".charCodeAt(0), 8 + header.length, end);
  let at = end;
  for (const { bytes } of parts) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** How many bytes elements of a shape take; null where that is no whole number below 2⁵³. */
function bytesOf(shape: readonly number[], bits: number): number | null {
  // A size of 0 first, which no later size can undo.
  if (shape.includes(0)) return 0;
  const total = shape.reduce((product, n) => product * n, 1) * bits;
  return Number.isSafeInteger(total) && total % 8 === 0 ? total / 8 : null;
}

/** Throws FileError unless the entries' bytes lie one after another, without holes, and fill the file. */
function checkLayout({ entries, end }: Header, length: number): void {
  const refuse = ({ name, at }: Entry, what: string): never => {
    throw new FileError(`fromSafetensors: tensor ${quoted(name)}, at byte ${at}, ${what}`, at);
  };
  const inOrder = [...entries].sort((a, b) => a.start - b.start || a.end - b.end);
  let next = 0;
  for (const entry of inOrder) {
    const { type, shape, start, end } = entry;
    const bits = storedTypes.get(type)?.bits;
    if (bits === undefined)
      refuse(entry, `has the type ${quoted(type)}, which is none of ${[...storedTypes.keys()].join(", ")}`);
    const bytes = bytesOf(shape, bits!);
    if (bytes !== end - start)
      refuse(
        entry,
        `lies from ${start} to ${end}, and ${type} [${shape.join(", ")}] takes ${bytes ?? "no whole number of"} bytes`,
      );
    if (start !== next)
      refuse(
        entry,
        `lies from ${start}, and what lies before it ends at ${next}; neither gaps nor overlaps are allowed`,
      );
    next = end;
  }
  if (end + next === length) return;
  throw new FileError(
    `fromSafetensors: the file has ${length} bytes, and its tensors end at byte ${end + next}; it is damaged or cut short`,
    Math.min(length, end + next),
  );
}

function storedTensor(
  bytes: Uint8Array,
  headerEnd: number,
  { name, type, shape, start, end }: Entry,
): Tensor {
  const stored = storedTypes.get(type)!;
  // A copy, which has the alignment that typed arrays need.
  const own = new Uint8Array(end - start);
  own.set(bytes.subarray(headerEnd + start, headerEnd + end));
  const elements = stored.read(own);
  if ("why" in elements) {
    const at = headerEnd + start + Math.floor((elements.index * stored.bits) / 8);
    throw new FileError(
      `fromSafetensors: tensor ${quoted(name)}, ${type} at byte ${at}: ${elements.why}; leave it out, { only: (name) => name !== ${quoted(name)} }, or have the program that wrote it save it as F32, F64 or I32`,
      at,
    );
  }
  return tensor(elements, { shape, dtype: stored.dtype! });
}

/**
 * The tensors and texts of a safetensors file. F16, BF16 and the types of 8 bits become float32, smaller and larger whole numbers
 * int32, all exactly. The file is not trusted: every length, offset and size in it is checked before it is used, and nothing is
 * evaluated. `only` says by name which tensors are read; all by default.
 * Throws FileError, with the tensor and the byte, where something is damaged, or has no exact form here.
 */
export function fromSafetensors(
  bytes: Uint8Array,
  options: { readonly only?: (name: string) => boolean } = {},
): SafetensorsContent {
  const file = fileBytes(bytes);
  if (file === null)
    throw new TypeError(
      `fromSafetensors: got ${kindOf(bytes)} where the bytes of a file belong; give a Uint8Array, e.g. new Uint8Array(await response.arrayBuffer())`,
    );
  checkOptions("fromSafetensors", options, ["only"]);
  const { only = () => true } = options;
  checkFunction("fromSafetensors", "only", only, '(name) => name.startsWith("0.")');
  const header = headerOf(file);
  checkLayout(header, file.length);
  const wanted = header.entries.filter(({ name }) => only(name));
  return {
    tensors: Object.fromEntries(wanted.map((entry) => [entry.name, storedTensor(file, header.end, entry)])),
    metadata: Object.fromEntries(header.metadata),
  };
}
