// The places of the elements of rows in order: (see rowFunction) → (). An element becomes a whole number without sign that
// is larger where the element is, kept together with its place. Short rows are sorted by insertion, others by one byte of
// these numbers after another, from the lowest on: as many passes as an element has bytes. Both leave equals in order.

import type { DType } from "../../array/dtype.ts";
import { type FunctionIndex, type FunctionWriter, type Local, Type, type ValueType } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";

// Rows of up to so many elements are sorted faster by insertion, as measured.
const SHORT = 64;
/** Bytes of the counts for one byte of the numbers: an i32 for each value that it has. */
const COUNTS = 4 * 256;

/** How an element and its place lie in memory, in bytes. Where both fit, they are one number, the place below. */
interface Entry {
  readonly size: 8 | 16;
  /** The element's bytes, which lie from the lowest on. */
  readonly key: { readonly at: number; readonly bytes: number };
  readonly placeAt: number;
}

function entryOf(dtype: DType): Entry {
  if (dtype === "float64") return { size: 16, key: { at: 0, bytes: 8 }, placeAt: 8 };
  return { size: 8, key: { at: 4, bytes: dtype === "bool" ? 1 : 4 }, placeAt: 0 };
}

/** Returns how many bytes of scratch memory are needed for rows of a length. */
export function orderScratch(dtype: DType, length: number): number {
  const { size, key } = entryOf(dtype);
  return 2 * size * length + COUNTS * key.bytes;
}

export function writeOrder(module: KernelModule, dtype: DType, descending: boolean): FunctionIndex {
  const parameters = new Array<ValueType>(9).fill(Type.i32);
  return module.writer.function(parameters, [], (code) => new Order(code, dtype, descending).write());
}

/** Writes the function for one type. */
class Order {
  readonly #code: FunctionWriter;
  readonly #dtype: DType;
  readonly #descending: boolean;
  readonly #entry: Entry;
  readonly #length: Local = 1;
  /** The entries that are to be sorted, or are sorted already, and room for as many. */
  readonly #entries: Local;
  readonly #room: Local;
  readonly #counts: Local;

  constructor(code: FunctionWriter, dtype: DType, descending: boolean) {
    [this.#code, this.#dtype, this.#descending] = [code, dtype, descending];
    this.#entry = entryOf(dtype);
    [this.#entries, this.#room, this.#counts] = [this.#local(), this.#local(), this.#local()];
  }

  #local(type: ValueType = Type.i32): Local {
    return this.#code.local(type);
  }

  write(): void {
    const code = this.#code;
    const [count, from, fromAcross, fromAlong]: Local[] = [0, 2, 3, 4];
    const [to, toAcross, toAlong, scratch]: Local[] = [5, 6, 7, 8];
    const bytes = this.#local();
    code.get(this.#length).i32(this.#entry.size).emit(I.i32_mul).set(bytes);
    code.for(this.#local(), 0, { local: count! }, 1, () => {
      code.get(scratch!).tee(this.#entries).get(bytes).emit(I.i32_add).tee(this.#room);
      code.get(bytes).emit(I.i32_add).set(this.#counts);
      this.#fill(from!, fromAlong!);
      code
        .get(this.#length)
        .i32(SHORT)
        .emit(I.i32_le_s)
        .if(
          () => this.#insert(),
          () => this.#byBytes(bytes),
        );
      this.#hand(to!, toAlong!);
      this.#add(from!, fromAcross!);
      this.#add(to!, toAcross!);
    });
  }

  /** local += by, which is a number or another local. */
  #add(local: Local, by: Local | { readonly number: number }): void {
    const code = this.#code;
    code.get(local);
    if (typeof by === "number") code.get(by);
    else code.i32(by.number);
    code.emit(I.i32_add).set(local);
  }

  /** Makes the entries of a row. */
  #fill(from: Local, along: Local): void {
    const code = this.#code;
    const [place, entry, i] = [this.#local(), this.#local(), this.#local()];
    code.get(from).set(place);
    code.get(this.#entries).set(entry);
    code.for(i, 0, { local: this.#length }, 1, () => {
      code.get(entry);
      if (this.#dtype === "float64") {
        this.#pushLongKey(place);
        code.memory(M.i64_store).get(entry).get(i).memory(M.i32_store, this.#entry.placeAt);
      } else {
        this.#pushKey(place);
        code.emit(I.i64_extend_i32_u).i64(32).emit(I.i64_shl);
        code.get(i).emit(I.i64_extend_i32_u, I.i64_or).memory(M.i64_store);
      }
      this.#add(place, along);
      this.#add(entry, { number: this.#entry.size });
    });
  }

  /** Pushes the number of an element of four bytes or one. */
  #pushKey(place: Local): void {
    const code = this.#code;
    code.get(place);
    if (this.#dtype === "bool") code.memory(M.i32_load8_u);
    else if (this.#dtype === "int32")
      code
        .memory(M.i32_load)
        .i32(-(2 ** 31))
        .emit(I.i32_xor);
    else {
      const [x, bits] = [this.#local(Type.f32), this.#local()];
      // NaN is the largest. Adding 0 makes both zeros the same.
      code.memory(M.f32_load).f32(0).emit(I.f32_add).set(x).i32(-1);
      // The bits of floats without a sign are in order; with one, they are in reverse order.
      code.get(x).emit(I.i32_reinterpret_f32).tee(bits);
      code
        .get(bits)
        .i32(31)
        .emit(I.i32_shr_s)
        .i32(-(2 ** 31))
        .emit(I.i32_or, I.i32_xor);
      code.get(x).get(x).emit(I.f32_ne, I.select);
    }
    if (!this.#descending) return;
    if (this.#dtype === "bool") code.emit(I.i32_eqz);
    else code.i32(-1).emit(I.i32_xor);
  }

  /** Pushes the number of a float64 element, by the same steps. */
  #pushLongKey(place: Local): void {
    const code = this.#code;
    const [x, bits] = [this.#local(Type.f64), this.#local(Type.i64)];
    code.get(place).memory(M.f64_load).f64(0).emit(I.f64_add).set(x).i64(-1);
    code.get(x).emit(I.i64_reinterpret_f64).tee(bits);
    code.get(bits).i64(63).emit(I.i64_shr_s).i64(1).i64(63).emit(I.i64_shl, I.i64_or, I.i64_xor);
    code.get(x).get(x).emit(I.f64_ne, I.select);
    if (this.#descending) code.i64(-1).emit(I.i64_xor);
  }

  /** Sorts the entries by putting each among those before it. */
  #insert(): void {
    const code = this.#code;
    const { size, placeAt } = this.#entry;
    const [entry, hole, place] = [this.#local(), this.#local(), this.#local()];
    const [key, other] = [this.#local(Type.i64), this.#local(Type.i64)];
    const hasPlace = placeAt > 0;
    code.get(this.#entries).set(entry);
    code.for(this.#local(), 1, { local: this.#length }, 1, () => {
      this.#add(entry, { number: size });
      code.get(entry).tee(hole).memory(M.i64_load).set(key);
      if (hasPlace) code.get(entry).memory(M.i32_load, placeAt).set(place);
      code.block(() => {
        code.loop(() => {
          code.get(hole).get(this.#entries).emit(I.i32_eq).branchIf(1);
          code.get(key).get(hole).i32(size).emit(I.i32_sub).memory(M.i64_load).tee(other);
          code.emit(I.i64_lt_u, I.i32_eqz).branchIf(1);
          code.get(hole).get(other).memory(M.i64_store);
          if (hasPlace) {
            code.get(hole).get(hole).i32(size).emit(I.i32_sub).memory(M.i32_load, placeAt);
            code.memory(M.i32_store, placeAt);
          }
          this.#add(hole, { number: -size });
          code.branch(0);
        });
      });
      code.get(hole).get(key).memory(M.i64_store);
      if (hasPlace) code.get(hole).get(place).memory(M.i32_store, placeAt);
    });
  }

  /** Sorts the entries by one byte after another; each pass moves them to the room, and exchanges the two. */
  #byBytes(bytes: Local): void {
    const code = this.#code;
    const { size, key } = this.#entry;
    const [entry, end, byte, counts] = [this.#local(), this.#local(), this.#local(), this.#local()];
    const [bin, next, old] = [this.#local(), this.#local(), this.#local()];
    code
      .get(this.#counts)
      .i32(0)
      .i32(COUNTS * key.bytes)
      .memoryFill();
    code.get(this.#entries).get(bytes).emit(I.i32_add).set(end);
    code.for(entry, { local: this.#entries }, { local: end }, size, () => {
      for (let k = 0; k < key.bytes; k++) {
        code
          .get(entry)
          .memory(M.i32_load8_u, key.at + k)
          .i32(4)
          .emit(I.i32_mul);
        code
          .get(this.#counts)
          .emit(I.i32_add)
          .tee(bin)
          .get(bin)
          .memory(M.i32_load, k * COUNTS);
        code
          .i32(1)
          .emit(I.i32_add)
          .memory(M.i32_store, k * COUNTS);
      }
    });
    code.get(this.#counts).set(counts);
    const pushBin = (of: Local) => {
      code.get(of).get(byte).emit(I.i32_add).memory(M.i32_load8_u, key.at).i32(4).emit(I.i32_mul);
      code.get(counts).emit(I.i32_add);
    };
    code.for(byte, 0, key.bytes, 1, () => {
      // Where all entries have the same byte, there is nothing to do.
      pushBin(this.#entries);
      code.memory(M.i32_load).get(this.#length).emit(I.i32_ne);
      code.if(() => {
        // Counts become the addresses at which the entries of each byte begin.
        code.get(this.#room).set(next);
        code.get(counts).i32(COUNTS).emit(I.i32_add).set(end);
        code.for(bin, { local: counts }, { local: end }, 4, () => {
          code.get(next).get(bin).memory(M.i32_load).i32(size).emit(I.i32_mul, I.i32_add);
          code.get(bin).get(next).memory(M.i32_store).set(next);
        });
        code.get(this.#entries).get(bytes).emit(I.i32_add).set(end);
        code.for(entry, { local: this.#entries }, { local: end }, size, () => {
          pushBin(entry);
          code.tee(bin).memory(M.i32_load).set(next);
          for (let at = 0; at < size; at += 8)
            code.get(next).get(entry).memory(M.i64_load, at).memory(M.i64_store, at);
          code.get(bin).get(next).i32(size).emit(I.i32_add).memory(M.i32_store);
        });
        code.get(this.#entries).set(old);
        code.get(this.#room).set(this.#entries);
        code.get(old).set(this.#room);
      });
      this.#add(counts, { number: COUNTS });
    });
  }

  /** Stores the places of the sorted entries. */
  #hand(to: Local, along: Local): void {
    const code = this.#code;
    const [entry, place] = [this.#local(), this.#local()];
    code.get(this.#entries).set(entry);
    code.get(to).set(place);
    code.for(this.#local(), 0, { local: this.#length }, 1, () => {
      code.get(place).get(entry).memory(M.i32_load, this.#entry.placeAt).memory(M.i32_store);
      this.#add(place, along);
      this.#add(entry, { number: this.#entry.size });
    });
  }
}
