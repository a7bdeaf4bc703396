// How programs run here. A page's security policy may forbid WebAssembly, and code that is made at run time.

import { compile } from "@adjoint/autograd";

/**
 * How many times slower a step of 2-8-8-1 (batch 32) runs without WebAssembly, as measured where both run: see
 * bench of the playground's laboratory.
 */
const SLOWER = "30 to 100";

/** Whether compiled functions run as WebAssembly here. */
export function hasWebAssembly(): boolean {
  try {
    compile(() => undefined, { build: "simd" });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What runs, in words for the page. */
export const runsAs = (): string =>
  hasWebAssembly()
    ? "a WebAssembly program"
    : `JavaScript, some ${SLOWER} times slower, since this page forbids WebAssembly or the browser lacks its vectors`;
