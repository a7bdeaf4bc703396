// The network as it is now: an arrow's width is the size of its weight, and a dashed one is negative.

import { useMemo } from "preact/hooks";
import { useWidth } from "../draw/size.ts";
import { progress, weight } from "../state.ts";
import { BIAS, columns, linkWidth, nearestLink } from "./columns.ts";

/** The drawing. Hovering chooses the nearest weight; its fields below do the same by keyboard. */
export function Network() {
  const [ref, width] = useWidth<HTMLDivElement>();
  const layers = progress.value!.layers;
  const key = `${width} ${layers.map(({ size, hasBias }) => `${size} ${hasBias}`).join()}`;
  // The key says what the arrangement depends on.
  const drawn = useMemo(() => (width === 0 ? undefined : columns(layers, width)), [key]);
  const chosen = weight.value;
  const choose = ({ clientX, clientY, currentTarget }: PointerEvent) => {
    const box = (currentTarget as Element).getBoundingClientRect();
    const link = nearestLink(drawn!.links, clientX - box.left, clientY - box.top);
    if (link === undefined) return;
    const { layer, from, to } = link;
    if (layer !== chosen.layer || from !== chosen.from || to !== chosen.to)
      weight.value = { layer, from, to };
  };
  const sizes = layers.map(({ size }) => size).join(", ");
  return (
    <div class="network" ref={ref}>
      {drawn !== undefined && (
        <svg
          role="img"
          aria-label={`The network: layers of ${sizes} units. Thick arrows are large weights, dashed ones negative.`}
          width={width}
          height={drawn.height}
          viewBox={`0 0 ${width} ${drawn.height}`}
          onPointerMove={choose}
          onPointerDown={choose}
        >
          {drawn.links.map(({ layer, from, to, x1, y1, x2, y2 }) => {
            const w = layers[layer]!.weight?.[from]?.[to] ?? 0;
            const isChosen = layer === chosen.layer && from === chosen.from && to === chosen.to;
            return (
              <line
                key={`${layer}.${from}.${to}`}
                class={`${w < 0 ? "minus" : "plus"}${isChosen ? " chosen" : ""}`}
                x1={x1}
                y1={y1}
                x2={x2}
                y2={y2}
                stroke-width={linkWidth(w).toFixed(2)}
              />
            );
          })}
          {drawn.spots.map(({ layer, unit, x, y }) => {
            const { x: values, hasBias } = layers[layer]!;
            const value = unit === 0 ? 1 : values?.[hasBias ? unit : unit - 1];
            return (
              <circle
                key={`${layer}.${unit}`}
                class={unit === 0 ? "bias" : (value ?? 0) < 0 ? "minus" : "plus"}
                cx={x}
                cy={y}
                r={unit === 0 ? drawn.radius * BIAS : drawn.radius}
                fill-opacity={unit === 0 ? 0 : Math.min(1, Math.abs(value ?? 0)).toFixed(2)}
              />
            );
          })}
          {drawn.hidden.map(({ count, x, y }) => (
            <text key={x} class="tick middle" x={x} y={y}>
              {`${count} more`}
            </text>
          ))}
        </svg>
      )}
      <p class="key">
        <span>thick: large</span>
        <span class="plus">through: positive</span>
        <span class="minus">dashed: negative</span>
        <span>filled circles: x of the first sample</span>
      </p>
    </div>
  );
}
