// A chart of lines over steps.

import { domainOf } from "../draw/domain.ts";
import { countText, shortText } from "../draw/numbers.ts";
import { linear, logarithmic, pathThrough } from "../draw/scale.ts";
import { useWidth } from "../draw/size.ts";

export interface Series {
  readonly name: string;
  /** One for each x; null and what is not finite leaves a gap. */
  readonly ys: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  readonly xs: readonly number[];
  readonly xName: string;
  readonly series: readonly Series[];
  readonly height: number;
  /** Fixed ends of the vertical axis. */
  readonly range?: readonly [number, number];
  readonly isLogarithmic?: boolean;
  readonly format?: (y: number) => string;
  /** Numbers on the vertical axis, where they are written otherwise. */
  readonly tickFormat?: (y: number) => string;
}

const EDGE = { left: 46, right: 10, bottom: 20 };
/** About the width of a sign of a number at the axis. */
const DIGIT = 6.8;
const LEGEND_LINE = 17;
/** Width of a letter of the legend, in pixels, at most. */
const LETTER = 6.6;

/** Places the entries of a legend in rows: their left ends and rows. */
export function legendPlaces(
  names: readonly string[],
  width: number,
): { readonly x: number; readonly row: number }[] {
  let [x, row] = [0, 0];
  return names.map((name) => {
    const needed = 28 + name.length * LETTER + 14;
    if (x > 0 && x + needed > width) [x, row] = [0, row + 1];
    const place = { x, row };
    x += needed;
    return place;
  });
}

/** Lines told apart by colour and dash, with their newest values in the legend. */
export function Chart(props: ChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  return (
    <div class="chart-box" ref={ref}>
      {width > 0 && <Lines {...props} width={width} />}
    </div>
  );
}

function Lines({
  title,
  xs,
  xName,
  series,
  height,
  range,
  isLogarithmic = false,
  format = shortText,
  tickFormat = format,
  width,
}: ChartProps & { readonly width: number }) {
  const entries = series.map(({ name, ys }) => {
    const newest = ys.at(-1);
    return `${name} ${newest == null || !Number.isFinite(newest) ? "–" : format(newest)}`;
  });
  const places = legendPlaces(entries, width - EDGE.left);
  const top = ((places.at(-1)?.row ?? 0) + 1) * LEGEND_LINE + 8;
  const last = xs.at(-1) ?? 0;
  const ends =
    range ??
    domainOf(
      series.map(({ ys }) => ys),
      isLogarithmic,
    );
  const sides = [height - EDGE.bottom, top] as const;
  const y = (isLogarithmic ? logarithmic : linear)(ends, sides);
  const longest = Math.max(0, ...y.ticks(4).map((tick) => tickFormat(tick).length));
  const start = Math.max(EDGE.left, 8 + Math.ceil(DIGIT * longest));
  const x = linear([xs[0] ?? 0, Math.max(last, (xs[0] ?? 0) + 1)], [start, width - EDGE.right]);
  const path = (ys: readonly (number | null)[]) =>
    pathThrough(ys.map((each, i) => (each === null ? null : [x(xs[i]!), y(each)])));
  return (
    <svg
      class="chart"
      role="img"
      aria-label={`${title} at ${xName} ${last}: ${entries.join(", ")}.`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
    >
      <title>{title}</title>
      {entries.map((entry, i) => {
        const { x: left, row } = places[i]!;
        const [at, base] = [EDGE.left + left, row * LEGEND_LINE + 8];
        return (
          <g key={series[i]!.name}>
            <line class={`series s${i % 6}`} x1={at} x2={at + 22} y1={base} y2={base} />
            <text class="legend" x={at + 28} y={base + 4}>
              {entry}
            </text>
          </g>
        );
      })}
      {y.ticks(4).map((tick) => (
        <g key={tick}>
          <line
            class={tick === 0 ? "axis" : "grid"}
            x1={start}
            x2={width - EDGE.right}
            y1={y(tick)}
            y2={y(tick)}
          />
          <text class="tick end" x={start - 6} y={y(tick) + 4}>
            {tickFormat(tick)}
          </text>
        </g>
      ))}
      {x
        .ticks(Math.max(2, width / 110))
        .filter(Number.isInteger)
        .map((tick) => (
          <text key={tick} class="tick middle" x={Math.min(x(tick), width - 18)} y={height - 5}>
            {countText(tick)}
          </text>
        ))}
      {series.map(({ name, ys }, i) => (
        <path key={name} class={`series s${i % 6}`} d={path(ys)} />
      ))}
    </svg>
  );
}
