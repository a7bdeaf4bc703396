// Kernels that reduce each row to one number, or all rows to one row. Eager reductions are made of them.

import type { DType } from "../../array/dtype.ts";
import { heap } from "../heap.ts";
import type { LoopKernel } from "../kernel.ts";
import { KernelModule } from "../kernel-module.ts";
import { writeLoops } from "../loops.ts";
import { Nodes } from "../nodes.ts";

/** (number of rows, elements in a row, address of the rows, address of the results). */
type Kernel = (rows: number, length: number, from: number, to: number) => number;

const kernels = new Map<string, Kernel>();

/**
 * With `total`, `largest` and `least`, each row becomes one number. With `accumulate`, all rows are added to one row,
 * in order. Sums are float64; extremes have the rows' type.
 */
export function rowsKernel(dtype: DType, combine: "total" | "largest" | "least" | "accumulate"): Kernel {
  const key = `${dtype} ${combine}`;
  let kernel = kernels.get(key);
  if (kernel === undefined) {
    const build = new Nodes();
    const type = combine === "total" || combine === "accumulate" ? "float64" : dtype;
    const node = build.convert(build.element(0, dtype), type);
    const isOneEach = combine !== "accumulate";
    const loops: LoopKernel = {
      sizes: [{ parameter: 0 }, { parameter: 1 }],
      parameters: 4,
      reads: [{ dtype, address: { parameter: 2 }, strides: [{ parameter: 1 }, 1] }],
      nodes: build.nodes,
      outputs: [
        {
          node,
          combine,
          write: { dtype: type, address: { parameter: 3 }, strides: isOneEach ? [1, 0] : [0, 1] },
          reduced: isOneEach ? [1] : [],
        },
      ],
    };
    const module = new KernelModule("simd");
    writeLoops(module, loops, "run");
    kernel = module.instantiate(heap().memory).run as Kernel;
    kernels.set(key, kernel);
  }
  return kernel;
}
