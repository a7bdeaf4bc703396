// A part of the heap on lease that its owner gets again where it was, if it can: code has addresses written into it.
// Apart from its owner, so that the heap can say that the part is gone without holding the owner.

import { heap, type Lease } from "./heap.ts";

export class LeasedPart {
  /** Null before there is a part and when the heap has taken it back. */
  lease: Lease | null = null;
  /** Where it is, or was last; null before there is one. */
  address: number | null = null;

  /**
   * Sees to it that there is a part, used at this moment, which is given up with its owner. `leave` saves what must
   * survive, and holds nothing by which the owner could be reached. Throws RangeError where there is no room.
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
