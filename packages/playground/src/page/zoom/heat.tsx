// A matrix as colours: blue above 0, orange below, and a dot in each negative cell that is large enough to hold one.

import { useEffect, useRef } from "preact/hooks";
import { css, signColour } from "../draw/colours.ts";
import { isDark } from "../draw/dark.ts";
import { shortText } from "../draw/numbers.ts";
import { useWidth } from "../draw/size.ts";
import { weight } from "../state.ts";

const MOST_HEIGHT = 260;
/** A wide matrix of few rows has cells that are higher than wide, or it would be a line. */
const LEAST_HEIGHT = 12;

/** The picture of W or ∇ of a layer of weights; hovering a cell chooses that weight. */
export function Heat({
  name,
  matrix,
  layer,
}: {
  readonly name: string;
  readonly matrix: readonly (readonly number[])[];
  readonly layer: number;
}) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const rows = matrix.length;
  const columns = matrix[0]?.length ?? 0;
  const cell = Math.max(1, Math.min(34, width / columns, MOST_HEIGHT / rows));
  const high = Math.max(cell, Math.min(LEAST_HEIGHT, MOST_HEIGHT / rows));
  const flat = matrix.flat().filter(Number.isFinite);
  const most = flat.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const dark = isDark.value;
  const chosen = weight.value.layer === layer ? weight.value : undefined;
  useEffect(() => {
    if (width === 0) return;
    const ratio = Math.min(2, devicePixelRatio);
    const element = canvas.current!;
    element.width = Math.ceil(columns * cell * ratio);
    element.height = Math.ceil(rows * high * ratio);
    element.style.width = `${columns * cell}px`;
    element.style.height = `${rows * high}px`;
    const context = element.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const gap = cell > 6 ? 1 : 0;
    matrix.forEach((row, i) => {
      row.forEach((value, j) => {
        context.fillStyle = css(signColour(most === 0 ? 0 : value / most, dark));
        context.fillRect(j * cell, i * high, cell - gap, high - gap);
        if (value < 0 && cell >= 12) {
          context.fillStyle = dark ? "#ffffff" : "#000000";
          context.fillRect(j * cell + cell / 2 - 4, i * high + high / 2 - 1, 7, 1.5);
        }
      });
    });
    if (chosen === undefined) return;
    context.strokeStyle = dark ? "#ffffff" : "#000000";
    context.lineWidth = 2;
    context.strokeRect(
      chosen.to * cell + 1,
      chosen.from * high + 1,
      Math.max(1, cell - 2 - gap),
      Math.max(1, high - 2 - gap),
    );
  }, [matrix, width, cell, high, rows, columns, most, dark, chosen]);
  const choose = ({ offsetX, offsetY }: PointerEvent) => {
    const [from, to] = [Math.floor(offsetY / high), Math.floor(offsetX / cell)];
    if (matrix[from]?.[to] === undefined) return;
    if (chosen?.from !== from || chosen.to !== to) weight.value = { layer, from, to };
  };
  const range = `from ${shortText(flat.reduce((a, b) => Math.min(a, b), 0))} to ${shortText(flat.reduce((a, b) => Math.max(a, b), 0))}`;
  return (
    <figure class="heat">
      <figcaption>
        {name}{" "}
        <span class="hint">
          {rows} × {columns}, {range}
        </span>
      </figcaption>
      <div class="heat-box" ref={ref}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${name} as colours: ${rows} rows, the first for the bias neuron, and ${columns} columns, ${range}.`}
          onPointerMove={choose}
          onPointerDown={choose}
        />
      </div>
    </figure>
  );
}
