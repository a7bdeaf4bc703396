// Pieces of code that all parts of a product use: numbers, counting, lists of locals.

import { type FunctionWriter, type Local, Type, type ValueType } from "../assembler.ts";
import { I } from "../instructions.ts";

/** A number that is known when the code is written, or a local of the function that is written. */
export type Amount = number | { readonly local: Local };

export function push(code: FunctionWriter, amount: Amount): FunctionWriter {
  return typeof amount === "number" ? code.i32(amount) : code.get(amount.local);
}

/** Multiplies the number on the stack by an amount. */
export function times(code: FunctionWriter, amount: Amount): FunctionWriter {
  if (amount === 1) return code;
  if (typeof amount === "number" && amount > 0 && (amount & (amount - 1)) === 0)
    return code.i32(Math.log2(amount)).emit(I.i32_shl);
  return push(code, amount).emit(I.i32_mul);
}

/** target += amount. */
export function advance(code: FunctionWriter, target: Local, amount: Amount): FunctionWriter {
  return push(code.get(target), amount).emit(I.i32_add).set(target);
}

/** target = first + product, where `product` leaves a number on the stack. */
export function setSum(
  code: FunctionWriter,
  target: Local,
  first: Amount,
  product: () => void,
): FunctionWriter {
  product();
  return push(code, first).emit(I.i32_add).set(target);
}

/** Repeats the body `times` times, at least once. */
export function repeat(code: FunctionWriter, times: Local, body: () => void): void {
  const left = code.local(Type.i32);
  code.get(times).set(left);
  code.loop(() => {
    body();
    code.get(left).i32(1).emit(I.i32_sub).tee(left).branchIf(0);
  });
}

/** Runs the body as long as `left` is at least `size`, and subtracts `size` each time. */
export function takeOff(code: FunctionWriter, left: Local, size: number, body: () => void): void {
  code.block(() => {
    code.loop(() => {
      code.get(left).i32(size).emit(I.i32_lt_s).branchIf(1);
      body();
      advance(code, left, -size).branch(0);
    });
  });
}

/** The locals of a function's parameters, by name, in their order. */
export function parameters<const Names extends readonly string[]>(
  names: Names,
): Readonly<Record<Names[number], Local>> {
  return Object.fromEntries(names.map((name, i) => [name, i])) as Record<Names[number], Local>;
}

/** The types of `count` i32 parameters. */
export function integers(count: number): ValueType[] {
  return new Array<ValueType>(count).fill(Type.i32);
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** New locals, by name. */
export function locals<const Names extends readonly string[]>(
  code: FunctionWriter,
  names: Names,
  type: ValueType = Type.i32,
): Readonly<Record<Names[number], Local>> {
  return Object.fromEntries(names.map((name) => [name, code.local(type)])) as Record<Names[number], Local>;
}

export function localList(code: FunctionWriter, count: number, type: ValueType): Local[] {
  return range(count).map(() => code.local(type));
}
