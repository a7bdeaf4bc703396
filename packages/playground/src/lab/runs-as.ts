// How programs run here. A page's security policy may forbid WebAssembly, and code that is made at run time.

import { compile } from "@adjoint/autograd";

/**
 * How many times fewer steps a second are made without WebAssembly, as measured in Chromium 156 under two policies, with and
 * without 'wasm-unsafe-eval': 44 for the moons' 2-8-8-1 (9,645 and 220 steps a second), 107 for the digits' 64-32-10.
 */
const SLOWER = "40 to 100";

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
