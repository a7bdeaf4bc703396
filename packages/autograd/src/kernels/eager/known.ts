// Kernels that were asked for before.

import { eagerKernels } from "./arrival.ts";
import type { EagerKernels } from "./kernels.ts";

/** Kernels by what they are for, made when they are first asked for, and made anew when others have arrived. */
export class Known<K> {
  #by: EagerKernels | undefined;
  readonly #kernels = new Map<string, K>();

  get(key: string, make: (by: EagerKernels) => K): K {
    const by = eagerKernels();
    if (by !== this.#by) {
      this.#by = by;
      this.#kernels.clear();
    }
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) {
      kernel = make(by);
      this.#kernels.set(key, kernel);
    }
    return kernel;
  }
}
