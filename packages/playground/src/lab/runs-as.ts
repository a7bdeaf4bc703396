// How programs run here. A page's security policy may forbid WebAssembly, and code that is made at run time.

import { compile } from "@adjoint/autograd";

/**
 * How many times fewer steps a second are made without WebAssembly, as measured in Chromium 156 on two busy cores under two
 * policies, `script-src 'self'` and none: 24 for the moons' 2-8-8-1 (9,475 and 400 steps a second), 107 for the digits' 64-32-10
 * (4,809 and 45). Such a policy forbids functions that are made at run time as well.
 */
const SLOWER = "25 to 100";

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
