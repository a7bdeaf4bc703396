// The curve of an activation and of its derivative.

import type { ActivationFacts } from "../../lab/lab.ts";
import { shortText } from "../draw/numbers.ts";
import { linear, pathThrough } from "../draw/scale.ts";

const WIDTH = 240;
const HEIGHT = 130;
const EDGE = { left: 34, right: 8, top: 8, bottom: 18 };

/** The curves over the points that the laboratory gives; what is steeper than the frame leaves it. */
export function CurvePicture({
  facts: { formula, xs, values, slopes },
}: {
  readonly facts: ActivationFacts;
}) {
  const finite = [...values, ...slopes].filter(Number.isFinite).map((y) => Math.max(-4, Math.min(4, y)));
  const x = linear([xs[0] ?? -1, xs.at(-1) ?? 1], [EDGE.left, WIDTH - EDGE.right]);
  const y = linear([Math.min(0, ...finite), Math.max(1, ...finite)], [HEIGHT - EDGE.bottom, EDGE.top]);
  const path = (ys: readonly number[]) =>
    pathThrough(ys.map((each, i) => [x(xs[i]!), y(Math.max(-50, Math.min(50, each)))]));
  return (
    <svg
      class="chart curve"
      role="img"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-label={`Curve of ${formula} from ${shortText(xs[0] ?? 0)} to ${shortText(xs.at(-1) ?? 0)}, drawn through, and of its derivative, dashed.`}
    >
      <clipPath id="curve-frame">
        <rect
          x={EDGE.left}
          y={EDGE.top}
          width={WIDTH - EDGE.left - EDGE.right}
          height={HEIGHT - EDGE.top - EDGE.bottom}
        />
      </clipPath>
      {y.ticks(4).map((tick) => (
        <g key={tick}>
          <line
            class={tick === 0 ? "axis" : "grid"}
            x1={EDGE.left}
            x2={WIDTH - EDGE.right}
            y1={y(tick)}
            y2={y(tick)}
          />
          <text class="tick end" x={EDGE.left - 5} y={y(tick) + 4}>
            {shortText(tick)}
          </text>
        </g>
      ))}
      {x.ticks(5).map((tick) => (
        <text key={tick} class="tick middle" x={x(tick)} y={HEIGHT - 4}>
          {shortText(tick)}
        </text>
      ))}
      <g clip-path="url(#curve-frame)">
        <path class="series s1 dashed" d={path(slopes)} />
        <path class="series s0" d={path(values)} />
      </g>
    </svg>
  );
}
