// The lecture's drawing of a network: x in the circles, δ beside them, W and ∇ on the arrows.

import { useMemo } from "preact/hooks";
import type { Stage } from "../../lab/lab.ts";
import { shortText, subscript } from "../draw/numbers.ts";
import { useWidth } from "../draw/size.ts";
import { type Arrangement, arrange, deltaBox, shiftOf, textWidth } from "./arrange.ts";
import type { News } from "./steps.ts";

/** The drawing of a stage; what is new is framed and bold. */
export function LessonNetwork({ stage, news }: { readonly stage: Stage; readonly news: readonly News[] }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const shapes = stage.layers.map(({ size, hasBias }) => ({ size, hasBias }));
  const key = `${width} ${JSON.stringify(shapes)}`;
  // The key says what the arrangement depends on.
  const arrangement = useMemo(() => (width === 0 ? undefined : arrange(shapes, Math.max(312, width))), [key]);
  return (
    <div class="lesson-network" ref={ref}>
      {arrangement !== undefined && <Drawing stage={stage} news={news} arrangement={arrangement} />}
    </div>
  );
}

function Drawing({
  stage,
  news,
  arrangement,
}: {
  readonly stage: Stage;
  readonly news: readonly News[];
  readonly arrangement: Arrangement;
}) {
  const { width, height, radius, fontSize, circles, arrows } = arrangement;
  const last = stage.layers.length - 1;
  const line = 1.25 * fontSize;
  return (
    <svg
      role="img"
      aria-label={`The network after “${stage.title}”. Its numbers are in the table “All numbers”.`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      class={fontSize < 14 ? "drawn small" : "drawn"}
    >
      <defs>
        <marker
          id="tip"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="10"
          markerHeight="10"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0 0.5 8 4 0 7.5z" class="tip" />
        </marker>
      </defs>
      {arrows.map(({ layer, from, to, start, end }) => (
        <line
          key={`${layer}.${from}.${to}`}
          class={`arrow${news[layer]!.weight || news[layer]!.gradient ? " new" : ""}`}
          x1={start[0]}
          y1={start[1]}
          x2={end[0]}
          y2={end[1]}
          marker-end="url(#tip)"
        />
      ))}
      {arrows.map(({ layer, from, to, label: [x, y] }) => {
        const { weight, gradient } = stage.layers[layer]!;
        const [w, g] = [weight?.[from]?.[to], gradient?.[from]?.[to]];
        const isNew = news[layer]!;
        const lines = [
          ...(w === undefined ? [] : [{ kind: "w", text: shortText(w), isNew: isNew.weight }]),
          ...(g === undefined ? [] : [{ kind: "g", text: `∇ ${shortText(g)}`, isNew: isNew.gradient }]),
        ];
        const top = y - (lines.length * line) / 2;
        const wide = Math.max(0, ...lines.map(({ text }) => textWidth(text, fontSize)));
        return (
          <g key={`${layer}.${from}.${to}`}>
            <rect
              class="label"
              x={x - wide / 2}
              y={top - 2}
              width={wide}
              height={lines.length * line + 4}
              rx="4"
            />
            {lines.map(({ kind, text, isNew: marked }, i) => (
              <g key={kind}>
                {marked && (
                  <rect
                    class="mark"
                    x={x - wide / 2}
                    y={top + i * line - (i === 0 ? 2 : 0)}
                    width={wide}
                    height={line + 2}
                    rx="4"
                  />
                )}
                <text class={`${kind}${marked ? " new" : ""}`} x={x} y={top + (i + 0.76) * line}>
                  {text}
                </text>
              </g>
            ))}
          </g>
        );
      })}
      {circles.map((circle) => {
        const { layer, unit, x, y } = circle;
        const below = deltaBox(circle, arrangement, shiftOf(circle, arrangement));
        const picture = stage.layers[layer]!;
        const place = picture.hasBias ? unit : unit - 1;
        const isBias = unit === 0;
        const value = picture.x?.[place];
        const delta = picture.delta?.[place];
        const name = isBias
          ? "bias"
          : layer === last
            ? picture.size === 1
              ? "ŷ"
              : `ŷ${subscript(unit)}`
            : `x${subscript(unit)}`;
        const isNew = news[layer]!;
        return (
          <g key={`${layer}.${unit}`}>
            <text class="name" x={x} y={y - radius - 0.5 * fontSize}>
              {name}
            </text>
            <circle
              class={`unit${isBias ? " bias" : ""}${isNew.x && !isBias ? " new" : ""}`}
              cx={x}
              cy={y}
              r={radius}
            />
            {value !== undefined && (
              <text class={`x${isNew.x && !isBias ? " new" : ""}`} x={x} y={y + 0.34 * fontSize}>
                {shortText(value)}
              </text>
            )}
            {delta !== undefined && (
              <>
                <rect
                  class={isNew.delta ? "mark" : "label"}
                  x={below.left}
                  y={below.top}
                  width={below.right - below.left}
                  height={below.bottom - below.top}
                  rx="4"
                />
                <text
                  class={`d${isNew.delta ? " new" : ""}`}
                  x={(below.left + below.right) / 2}
                  y={y + radius + 1.35 * fontSize}
                >
                  {`δ ${shortText(delta)}`}
                </text>
              </>
            )}
          </g>
        );
      })}
    </svg>
  );
}
