// Kernels that turn every row into one number, or all rows into one: the parts of eager reductions.

import type { DType } from "../../array/dtype.ts";
import { heap } from "../heap.ts";
import type { LoopKernel } from "../kernel.ts";
import { KernelModule } from "../kernel-module.ts";
import { writeLoops } from "../loops.ts";
import { Nodes } from "../nodes.ts";

/** (rows, elements of a row, where they are, where results go). */
type Kernel = (rows: number, length: number, from: number, to: number) => number;

const kernels = new Map<string, Kernel>();

/**
 * `total`, `largest`, `least`: rows become one number each; `accumulate`: all are added to one row, in order. What is
 * added up is float64; extremes are of the rows' type.
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
