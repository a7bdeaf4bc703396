// Where the kernels of large eager operations come from: here they are at hand. In what is published for browsers,
// arrival-later.ts stands in the place of this file.

import type { EagerKernels } from "./kernels.ts";
import { written } from "./written.ts";

/** The kernels that compute now. */
export const eagerKernels = (): EagerKernels => written;

/** Has these kernels compute from now on. */
export const provide = (_kernels: EagerKernels): void => {};
