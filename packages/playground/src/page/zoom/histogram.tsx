// How the x of a layer are spread.

import { binsOf } from "../draw/bins.ts";
import { shortText } from "../draw/numbers.ts";
import { linear } from "../draw/scale.ts";
import { useWidth } from "../draw/size.ts";

const HEIGHT = 150;
const EDGE = { left: 46, right: 10, top: 8, bottom: 20 };
const BINS = 24;

/** A histogram of the values over samples and units. */
export function Histogram({ values }: { readonly values: Float32Array }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const { edges, counts } = binsOf(values, BINS);
  const most = Math.max(1, ...counts);
  const x = linear([edges[0]!, edges.at(-1)!], [EDGE.left, width - EDGE.right]);
  const y = linear([0, most], [HEIGHT - EDGE.bottom, EDGE.top]);
  const highest = counts.indexOf(most);
  return (
    <div class="chart-box" ref={ref}>
      {width > 0 && (
        <svg
          class="chart"
          role="img"
          aria-label={`Histogram of ${values.length} values from ${shortText(edges[0]!)} to ${shortText(edges.at(-1)!)}; most lie near ${shortText((edges[highest]! + edges[highest + 1]!) / 2)}.`}
          width={width}
          height={HEIGHT}
          viewBox={`0 0 ${width} ${HEIGHT}`}
        >
          {y.ticks(3).map((tick) => (
            <g key={tick}>
              <line
                class={tick === 0 ? "axis" : "grid"}
                x1={EDGE.left}
                x2={width - EDGE.right}
                y1={y(tick)}
                y2={y(tick)}
              />
              <text class="tick end" x={EDGE.left - 6} y={y(tick) + 4}>
                {tick}
              </text>
            </g>
          ))}
          {counts.map((count, i) => (
            <rect
              key={edges[i]}
              class="bar"
              x={x(edges[i]!) + 0.5}
              width={Math.max(0.5, x(edges[i + 1]!) - x(edges[i]!) - 1)}
              y={y(count)}
              height={y(0) - y(count)}
            />
          ))}
          {x.ticks(5).map((tick) => (
            <text key={tick} class="tick middle" x={Math.min(x(tick), width - 18)} y={HEIGHT - 5}>
              {shortText(tick)}
            </text>
          ))}
        </svg>
      )}
    </div>
  );
}
