// Where the kernels of large eager operations come from in what is published for browsers: they are fetched when they are
// first needed, and until they have arrived plain loops compute, with the same bits. So a page carries none that has no
// large arrays, and waits for none. Who has them anyway, as `compile` has, provides them.

import { plain } from "../plain.ts";
import type { EagerKernels } from "./kernels.ts";

let kernels: EagerKernels = plain;
let isAsked = false;

// Every JavaScript engine has a console, but the types of the language don't declare it.
const host = globalThis as { readonly console?: { warn(text: string): void } };

/** The kernels that compute now. The first call asks for the others. */
export function eagerKernels(): EagerKernels {
  if (!isAsked) {
    isAsked = true;
    import("./written.ts").then(
      ({ written }) => provide(written),
      (error: unknown) =>
        host.console?.warn(
          `@adjoint/autograd: the kernels for large arrays could not be fetched (${error}); large operations give the same numbers without them, and take longer. Serve all files that the bundler writes`,
        ),
    );
  }
  return kernels;
}

/** Has these kernels compute from now on. */
export function provide(given: EagerKernels): void {
  kernels = given;
  isAsked = true;
}
