// A matrix times a vector. Each element of the matrix is used once, so the speed depends on reading elements in the
// order in which they lie. Lines are the matrix's rows or its columns, one for each element of the result. There are
// at least as many as a vector has lanes.

import { type FunctionIndex, Type } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import type { Element } from "./element.ts";
import { transpose } from "./pack-depth.ts";
import {
  advance,
  integers,
  localList,
  locals,
  parameters,
  range,
  repeat,
  setSum,
  takeOff,
  times,
} from "./writing.ts";

const VECTOR = [
  "matrix",
  // Bytes from one k to the next, or from line to line.
  "stride",
  "x",
  "xStride",
  // Where results are stored, side by side.
  "y",
  "lines",
  "depth",
] as const;
export type VectorParameter = (typeof VECTOR)[number];
export const VECTOR_PARAMETERS: readonly VectorParameter[] = VECTOR;

/** How many squares of the matrix are computed at once. Each has its own sums, since an addition waits for the last. */
const SQUARES = 3;

/** How many k are computed at once: as many as leave registers for their factors. */
const TOGETHER = 4;

/** (VECTOR_PARAMETERS), for lines that lie side by side: several passes over the results, each for a few k. */
export function vectorByDepth(module: KernelModule, element: Element): FunctionIndex {
  return module.once(`vectorByDepth ${element.name}`, () =>
    module.writer.function(integers(VECTOR.length), [], (code) => {
      const at = parameters(VECTOR);
      const { bytes, lanes } = element;
      const { left, result } = locals(code, ["left", "result"]);
      const { sum, vector } = locals(code, ["sum", "vector"], Type.v128);
      const pointers = localList(code, TOGETHER, Type.i32);
      const splats = localList(code, TOGETHER, Type.v128);
      const factors = localList(code, TOGETHER, element.type);
      const pass = (count: number) => {
        const several = range(count);
        for (const i of several) {
          code.get(at.x).memory(element.loadSplat).set(splats[i]!);
          code.get(at.x).memory(element.load).set(factors[i]!);
          code.get(at.matrix).set(pointers[i]!);
          advance(code, at.x, { local: at.xStride });
          advance(code, at.matrix, { local: at.stride });
        }
        code.get(at.y).set(result).get(at.lines).set(left);
        const along = (size: number, body: () => void) =>
          takeOff(code, left, size, () => {
            body();
            for (const pointer of [result, ...pointers.slice(0, count)]) advance(code, pointer, size * bytes);
          });
        along(lanes, () => {
          code.get(result).memory(M.v128_load).set(sum);
          for (const i of several) {
            code.get(pointers[i]!).memory(M.v128_load).set(vector);
            element.multiplyAdd(code, splats[i]!, vector, sum);
          }
          code.get(result).get(sum).memory(M.v128_store);
        });
        along(1, () => {
          code.get(result).get(result).memory(element.load);
          for (const i of several)
            code.get(factors[i]!).get(pointers[i]!).memory(element.load).emit(element.mul, element.add);
          code.memory(element.store);
        });
      };
      code.get(at.y).i32(0);
      times(code.get(at.lines), bytes).memoryFill();
      for (const count of [TOGETHER, 1]) takeOff(code, at.depth, count, () => pass(count));
    }),
  );
}

/** How many vectors of results are held in registers at once: with their factors, as many as there are registers for. */
const HELD = 8;

/**
 * The same, for a matrix that stays in the nearest cache: results stay in registers while all k are added to them. A larger
 * matrix would be read in short pieces far apart, which takes longer than passing over the results again.
 */
export function vectorHeld(module: KernelModule, element: Element): FunctionIndex {
  return module.once(`vectorHeld ${element.name}`, () =>
    module.writer.function(integers(VECTOR.length), [], (code) => {
      const at = parameters(VECTOR);
      const { bytes, lanes } = element;
      const { x, pointer } = locals(code, ["x", "pointer"]);
      const { splat, vector } = locals(code, ["splat", "vector"], Type.v128);
      const sums = localList(code, HELD, Type.v128);
      const single = code.local(element.type);
      /** Results for so many lines at the beginning of what is left, by what is done for each k. */
      const block = (lines: number, start: () => void, add: () => void, store: () => void) =>
        takeOff(code, at.lines, lines, () => {
          start();
          code.get(at.x).set(x).get(at.matrix).set(pointer);
          // There is at least one k. With a test for none in front of the loop, V8 keeps the sums in memory, and the loop
          // takes half as long again.
          repeat(code, at.depth, () => {
            add();
            advance(code, x, { local: at.xStride });
            advance(code, pointer, { local: at.stride });
          });
          store();
          for (const each of [at.matrix, at.y]) advance(code, each, lines * bytes);
        });
      for (const count of [HELD, 1]) {
        const several = range(count);
        block(
          count * lanes,
          () => {
            for (const i of several) code.v128([0, 0, 0, 0]).set(sums[i]!);
          },
          () => {
            code.get(x).memory(element.loadSplat).set(splat);
            for (const i of several) {
              code
                .get(pointer)
                .memory(M.v128_load, 16 * i)
                .set(vector);
              element.multiplyAdd(code, splat, vector, sums[i]!);
            }
          },
          () => {
            for (const i of several)
              code
                .get(at.y)
                .get(sums[i]!)
                .memory(M.v128_store, 16 * i);
          },
        );
      }
      block(
        1,
        () => element.zero(code).set(single),
        () => {
          code.get(single).get(x).memory(element.load).get(pointer).memory(element.load);
          code.emit(element.mul, element.add).set(single);
        },
        () => code.get(at.y).get(single).memory(element.store),
      );
    }),
  );
}

/**
 * (VECTOR_PARAMETERS), for lines whose own elements lie side by side. Sums run in order, so lanes are lines: squares
 * of the matrix are transposed in registers.
 */
export function vectorByLine(module: KernelModule, element: Element): FunctionIndex {
  return module.once(`vectorByLine ${element.name}`, () =>
    module.writer.function(integers(VECTOR.length), [], (code) => {
      const at = parameters(VECTOR);
      const { bytes, lanes } = element;
      const { x, left } = locals(code, ["x", "left"]);
      const column = code.local(Type.v128);
      const splats = localList(code, lanes, Type.v128);
      const nextSplat = (splat: number) => {
        code.get(x).memory(element.loadSplat).set(splat);
        advance(code, x, { local: at.xStride });
      };
      const squares = (count: number) => {
        const pointers = range(count).map(() => localList(code, lanes, Type.i32));
        const rows = range(count).map(() => localList(code, lanes, Type.v128));
        const sums = localList(code, count, Type.v128);
        for (const sum of sums) code.v128([0, 0, 0, 0]).set(sum);
        for (const [i, pointer] of pointers.flat().entries())
          setSum(code, pointer, { local: at.matrix }, () => times(code.get(at.stride), i));
        code.get(at.x).set(x).get(at.depth).set(left);
        takeOff(code, left, lanes, () => {
          splats.forEach(nextSplat);
          sums.forEach((sum, s) => {
            const square = rows[s]!;
            for (const [i, row] of square.entries()) code.get(pointers[s]![i]!).memory(M.v128_load).set(row);
            transpose(code, square);
            for (const [i, row] of square.entries()) element.multiplyAdd(code, row, splats[i]!, sum);
          });
          for (const pointer of pointers.flat()) advance(code, pointer, 16);
        });
        takeOff(code, left, 1, () => {
          nextSplat(splats[0]!);
          sums.forEach((sum, s) => {
            pointers[s]!.forEach((pointer, lane) => {
              if (lane === 0) code.get(pointer).memory(element.loadFirst).set(column);
              else code.get(pointer).get(column).memoryLane(element.loadLane, lane).set(column);
              advance(code, pointer, bytes);
            });
            element.multiplyAdd(code, column, splats[0]!, sum);
          });
        });
        for (const [s, sum] of sums.entries())
          code
            .get(at.y)
            .get(sum)
            .memory(M.v128_store, 16 * s);
      };
      const move = (lines: () => void) => {
        lines();
        code.get(at.stride).emit(I.i32_mul).get(at.matrix).emit(I.i32_add).set(at.matrix);
        lines();
        times(code, bytes).get(at.y).emit(I.i32_add).set(at.y);
      };
      for (const count of [SQUARES, 1]) {
        takeOff(code, at.lines, count * lanes, () => {
          squares(count);
          move(() => code.i32(count * lanes));
        });
      }
      // The last lines form a square together with some lines that are done already.
      code.get(at.lines).if(() => {
        move(() => code.get(at.lines).i32(lanes).emit(I.i32_sub));
        squares(1);
      });
    }),
  );
}
