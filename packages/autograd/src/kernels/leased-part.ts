// A leased part of the heap. Once taken back, it is leased again at its old address if possible, because code has
// addresses written into it. It is an object apart from its owner, so that the heap does not keep the owner alive.

import { heap, type Lease } from "./heap.ts";

export class LeasedPart {
  /** Null before the first lease, and while the heap has taken the part back. */
  lease: Lease | null = null;
  /** The present or the last address; null before the first lease. */
  address: number | null = null;

  /**
   * Leases the part if it is not leased, and marks it as used now. The lease ends when the owner becomes garbage.
   * `leave` saves what must survive, and must not refer to the owner. Throws RangeError where there is no room.
   */
  settle(owner: object, bytes: number, leave?: () => void): Lease {
    if (this.lease === null) {
      const gone = () => {
        leave?.();
        this.lease = null;
      };
      this.lease = heap().lease(owner, bytes, gone, this.address);
      this.address = this.lease.start;
    }
    this.lease.lastUsed = heap().time;
    return this.lease;
  }
}
