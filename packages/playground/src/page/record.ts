// What training has shown so far, thinned so that it stays small enough to be drawn in every frame.

import type { Progress } from "../lab/lab.ts";

const MOST = 400;

/** Curves of a training. When there are more than 400 points, every second one is left out. */
export class Curves {
  readonly points: Progress[] = [];
  #stride = 1;
  #since = 0;

  /** The first and the newest point are always among them. */
  add(progress: Progress): void {
    const last = this.points.at(-1);
    if (last !== undefined && progress.step <= last.step) return;
    // Only the numbers are kept: fields and pictures are large.
    const { field: _, predictions: __, layers: ___, ...rest } = progress;
    const point = { ...rest, layers: [] };
    if (this.#since > 0) this.points.pop();
    this.points.push(point);
    this.#since = (this.#since + 1) % this.#stride;
    if (this.points.length <= MOST) return;
    const kept = this.points.filter((_point, i) => i % 2 === 0);
    this.points.splice(0, this.points.length, ...kept);
    this.#stride *= 2;
    this.#since = 0;
  }
}
