// A matrix times a vector: every element of the matrix is used once, so all that counts is to read them in the order in
// which they lie. Lines are the matrix's rows or its columns, one an element of the result.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { advance, type Element, integers, parameters, push, times } from "./element.ts";
import { locals, range, transpose } from "./pack.ts";

const PARAMETERS = ["matrix", "stride", "x", "xStride", "y", "lines", "depth"] as const;

/** As many k in one go through the results as leave registers for their factors. */
const TOGETHER = 4;

/**
 * (address; bytes from k to k; address of the vector and bytes between its elements; address of the results, which lie
 * side by side; how many lines and k), for lines that lie side by side. Each k is a pass over the results.
 */
export function timesVectorByDepth(module: KernelModule, element: Element): FunctionIndex {
  return module.once(`timesVectorByDepth ${element.name}`, () =>
    module.writer.function(integers(PARAMETERS.length), [], (code) => {
      const at = parameters(...PARAMETERS);
      const { bytes, lanes } = element;
      const [left, whole, target] = locals(code, 3) as [Local, Local, Local];
      const rows = locals(code, TOGETHER);
      const sum = code.local(Type.v128);
      const vector = code.local(Type.v128);
      const factors = rows.map(() => code.local(Type.v128));
      const singles = rows.map(() => code.local(element.type));

      code.get(at.y).i32(0);
      times(code.get(at.lines), bytes).memoryFill();
      const pass = (count: number) => {
        for (const i of range(count)) {
          code.get(at.x).memory(element.loadSplat).set(factors[i]!);
          code.get(at.x).memory(element.load).set(singles[i]!);
          code.get(at.matrix).set(rows[i]!);
          advance(code, at.x, { local: at.xStride });
          advance(code, at.matrix, { local: at.stride });
        }
        code.get(at.y).set(target);
        const across = (size: number, each: () => void) => {
          code.block(() => {
            code.loop(() => {
              code.get(left).i32(size).emit(I.i32_lt_s).branchIf(1);
              each();
              advance(code, target, size * bytes);
              for (const i of range(count)) advance(code, rows[i]!, size * bytes);
              advance(code, left, -size).branch(0);
            });
          });
        };
        code.get(at.lines).set(left);
        across(lanes, () => {
          code.get(target).memory(M.v128_load).set(sum);
          for (const i of range(count)) {
            code.get(rows[i]!).memory(M.v128_load).set(vector);
            element.multiplyAdd(code, factors[i]!, vector, sum);
          }
          code.get(target).get(sum).memory(M.v128_store);
        });
        across(1, () => {
          code.get(target).get(target).memory(element.load);
          for (const i of range(count))
            code.get(singles[i]!).get(rows[i]!).memory(element.load).emit(element.mul, element.add);
          code.memory(element.store);
        });
      };
      for (const count of [TOGETHER, 1]) {
        code.block(() => {
          code.loop(() => {
            code.get(at.depth).i32(count).emit(I.i32_lt_s).branchIf(1);
            pass(count);
            advance(code, at.depth, -count).branch(0);
          });
        });
      }
      void whole;
    }),
  );
}

/**
 * The same parameters, with the bytes from line to line, for lines whose elements lie side by side. Sums run in order,
 * so lanes are lines: squares of the matrix are transposed in registers, two groups of lines at once because a sum
 * waits for the one before.
 */
export function timesVectorByLine(module: KernelModule, element: Element): FunctionIndex {
  return module.once(`timesVectorByLine ${element.name}`, () =>
    module.writer.function(integers(PARAMETERS.length), [], (code) => {
      const at = parameters(...PARAMETERS);
      const { bytes, lanes } = element;
      const [done, x, count] = locals(code, 3) as [Local, Local, Local];
      const single = code.local(element.type);
      const group = (groups: number) => {
        const size = groups * lanes;
        const lines = locals(code, size);
        const sums = range(groups).map(() => code.local(Type.v128));
        const square = range(size).map(() => code.local(Type.v128));
        const factors = range(lanes).map(() => code.local(Type.v128));
        lines.forEach((line, i) => {
          if (i === 0) code.get(done).get(at.stride).emit(I.i32_mul).get(at.matrix);
          else code.get(lines[i - 1]!).get(at.stride);
          code.emit(I.i32_add).set(line);
        });
        for (const sum of sums) code.v128([0, 0, 0, 0]).set(sum);
        code.get(at.x).set(x).get(at.depth).set(count);
        const steps = (most: number, body: () => void) => {
          code.block(() => {
            code.loop(() => {
              code.get(count).i32(most).emit(I.i32_lt_s).branchIf(1);
              body();
              for (const line of lines) advance(code, line, most * bytes);
              advance(code, count, -most).branch(0);
            });
          });
        };
        steps(lanes, () => {
          for (const factor of factors) {
            code.get(x).memory(element.loadSplat).set(factor);
            advance(code, x, { local: at.xStride });
          }
          for (const g of range(groups)) {
            const rows = square.slice(g * lanes, (g + 1) * lanes);
            rows.forEach((row, i) => code.get(lines[g * lanes + i]!).memory(M.v128_load).set(row));
            transpose(code, rows);
            rows.forEach((row, i) => element.multiplyAdd(code, row, factors[i]!, sums[g]!));
          }
        });
        steps(1, () => {
          code.get(x).memory(element.loadSplat).set(factors[0]!);
          advance(code, x, { local: at.xStride });
          for (const g of range(groups)) {
            const [column] = square as [Local];
            for (const i of range(lanes)) {
              code.get(lines[g * lanes + i]!);
              if (i === 0) code.memory(element.loadFirst).set(column);
              else code.get(column).memoryLane(element.loadLane, i).set(column);
            }
            element.multiplyAdd(code, column, factors[0]!, sums[g]!);
          }
        });
        sums.forEach((sum, g) => {
          code.get(at.y);
          times(code.get(done), bytes).emit(I.i32_add).get(sum).memory(M.v128_store, 16 * g);
        });
        advance(code, done, size);
      };
      const one = (line: Local) => {
        code.get(done).get(at.stride).emit(I.i32_mul).get(at.matrix).emit(I.i32_add).set(line);
        push(code, { local: at.x }).set(x);
        zero(code, element).set(single).get(at.depth).set(count);
        code.loop(() => {
          code.get(single).get(x).memory(element.load).get(line).memory(element.load);
          code.emit(element.mul, element.add).set(single);
          advance(code, x, { local: at.xStride });
          advance(code, line, bytes);
          code.get(count).i32(1).emit(I.i32_sub).tee(count).branchIf(0);
        });
        code.get(at.y);
        times(code.get(done), bytes).emit(I.i32_add).get(single).memory(element.store);
        advance(code, done, 1);
      };
      const line = code.local(Type.i32);
      const repeat = (size: number, body: () => void) => {
        code.block(() => {
          code.loop(() => {
            code.get(at.lines).get(done).emit(I.i32_sub).i32(size).emit(I.i32_lt_s).branchIf(1);
            body();
            code.branch(0);
          });
        });
      };
      repeat(2 * lanes, () => group(2));
      repeat(lanes, () => group(1));
      // What is left ends a group that begins among lines that are done already.
      code.get(at.lines).i32(lanes).emit(I.i32_ge_s).get(at.lines).get(done).emit(I.i32_ne, I.i32_and);
      code.if(() => {
        code.get(at.lines).i32(lanes).emit(I.i32_sub).set(done);
        group(1);
      });
      repeat(1, () => one(line));
    }),
  );
}

export function zero(code: FunctionWriter, element: Element): FunctionWriter {
  return element.bytes === 4 ? code.f32(0) : code.f64(0);
}
