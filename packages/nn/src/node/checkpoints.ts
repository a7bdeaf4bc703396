// Checkpoints in a directory. Whenever the process or the machine stops, the last one that was finished can be read: a file
// gets its name only when all of it lies on the disk, and a checksum tells whether it still does.

import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Tensor } from "@adjoint/autograd";
import { checkOptions, kindOf } from "../arguments.ts";
import { type Data, dataOf, tensorOf, valueOfData } from "../files/data.ts";
import { fromSafetensors } from "../files/safetensors.ts";
import { save } from "../files/save.ts";

/** The options of `checkpoints`. */
export interface CheckpointOptions {
  /** How many files are kept, the newest; 3 by default. */
  readonly keep?: number;
}

/** A checkpoint that was read. */
export interface Checkpoint {
  /** The path of the file. */
  readonly path: string;
  /** The bytes of a safetensors file, for `load`. */
  readonly bytes: Uint8Array;
  /** The plain data that it was saved with. */
  readonly counters: Readonly<Record<string, unknown>>;
  /** Newer files, which are damaged, each with the reason. */
  readonly skipped: readonly string[];
}

/** The checkpoints in a directory, which `checkpoints` opens. */
export interface Checkpoints {
  /**
   * Writes what `variables(holder)` finds, such as `{ model, optimizer }`, and plain data, such as `{ epoch: 3 }` or
   * fit's `{ training }`, which may hold tensors. Returns the file's path. When this returns, the file lies on the
   * disk; older ones than the newest `keep` are deleted.
   */
  save(holder: object, counters?: Readonly<Record<string, unknown>>): string;
  /**
   * The newest checkpoint that is whole; null where there is none yet. Give its bytes to `load`.
   * Throws Error where there are some, all of them damaged.
   */
  latest(): Checkpoint | null;
}

const COUNTERS = "checkpoints: the counters";
const NAME = /^checkpoint-(\d{8,15})\.safetensors$/;
const PART = /^checkpoint-\d+\.safetensors\.part$/;
/** In the place of the checksum while it is computed. */
const BLANK = "0".repeat(64);
/** With this the header begins, so that the checksum has a fixed place. */
const BEFORE = '{"__metadata__":{"checksum":"';
const [FROM, TO] = [8 + BEFORE.length, 8 + BEFORE.length + BLANK.length];

const textOf = (bytes: Uint8Array, from: number, to: number) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1", from, to);

/** SHA-256 of a file, zeros standing in the place of its checksum. */
function checksumOf(bytes: Uint8Array): string {
  const hash = createHash("sha256");
  for (const part of [bytes.subarray(0, FROM), BLANK, bytes.subarray(TO)]) hash.update(part);
  return hash.digest("hex");
}

/** What is wrong with a file; null for nothing. */
function damageOf(bytes: Uint8Array): string | null {
  if (textOf(bytes, 8, FROM) !== BEFORE) return "has no checksum";
  return textOf(bytes, FROM, TO) === checksumOf(bytes) ? null : "differs from its checksum";
}

/** Makes the names in a directory last: a renamed file could have its old name again after a loss of power. */
function syncDirectory(directory: string): void {
  // Windows can't open directories, and writes their entries in order.
  if (process.platform === "win32") return;
  const opened = openSync(directory, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** Writes a file that is there whole or not at all. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const part = `${path}.part`;
  const opened = openSync(part, "w");
  try {
    writeFileSync(opened, bytes);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
  renameSync(part, path);
}

/**
 * Checkpoints in a directory, which is made where it is missing, for one run of training: `store.save({ model, optimizer },
 * { epoch })` after each epoch; and when starting, `const last = store.latest(); if (last !== null) load({ model, optimizer },
 * last.bytes)`. Throws TypeError or RangeError for wrong options, and what the file system throws.
 */
export function checkpoints(directory: string, options: CheckpointOptions = {}): Checkpoints {
  if (typeof directory !== "string" || directory === "")
    throw new TypeError(
      `checkpoints: got ${directory === "" ? "an empty text" : kindOf(directory)} where the path of a directory belongs, e.g. checkpoints("runs/first")`,
    );
  checkOptions("checkpoints", options, ["keep"]);
  const { keep = 3 } = options;
  if (!(Number.isInteger(keep) || keep === Infinity) || keep < 1)
    throw new RangeError(`checkpoints: keep ${keep} must be a whole number, 1 or more, or Infinity`);
  mkdirSync(directory, { recursive: true });
  /** The files and their numbers, newest first. */
  const files = (): { readonly path: string; readonly number: number }[] =>
    readdirSync(directory, { withFileTypes: true })
      .flatMap((entry) => {
        const number = entry.isFile() ? NAME.exec(entry.name)?.[1] : undefined;
        return number === undefined ? [] : [{ path: join(directory, entry.name), number: Number(number) }];
      })
      .sort((a, b) => b.number - a.number);
  return {
    save(holder, counters = {}) {
      if (kindOf(counters) !== "an object")
        throw new TypeError(
          `checkpoints: got ${kindOf(counters)} where the counters belong; give them by name, e.g. { epoch: 3 }`,
        );
      const data = dataOf(counters, COUNTERS, (value, at, inside) =>
        value instanceof Tensor ? { $tensor: inside(value.toJSON(), at) } : undefined,
      );
      const bytes = save(holder, { metadata: { checksum: BLANK, counters: JSON.stringify(data) } });
      bytes.set(Buffer.from(checksumOf(bytes), "latin1"), FROM);
      const present = files();
      const number = `${(present[0]?.number ?? 0) + 1}`.padStart(8, "0");
      const path = join(directory, `checkpoint-${number}.safetensors`);
      writeWhole(path, bytes);
      syncDirectory(directory);
      for (const old of present.slice(keep - 1)) rmSync(old.path, { force: true });
      // Of processes that were stopped while they wrote.
      for (const name of readdirSync(directory))
        if (PART.test(name)) rmSync(join(directory, name), { force: true });
      return path;
    },
    latest() {
      const skipped: string[] = [];
      for (const { path } of files()) {
        const bytes = new Uint8Array(readFileSync(path));
        const damage = damageOf(bytes);
        if (damage !== null) {
          skipped.push(`${path} ${damage}`);
          continue;
        }
        const { metadata } = fromSafetensors(bytes, { only: () => false });
        const counters = valueOfData(
          JSON.parse(metadata.counters!) as Data,
          COUNTERS,
          (name, data, at, inside) => {
            if (name === "$tensor") return tensorOf(inside(data, at));
            throw new TypeError(`${at} has "${name}", which is no form of a value`);
          },
        );
        return { path, bytes, counters: counters as Checkpoint["counters"], skipped };
      }
      if (skipped.length === 0) return null;
      throw new Error(
        `checkpoints: all files in ${directory} are damaged: ${skipped.join("; ")}. To start anew, delete them or use another directory`,
      );
    },
  };
}
