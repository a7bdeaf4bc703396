// The tape of one training step: its operations, the values and gradients that go between them.

import { useEffect, useState } from "preact/hooks";
import type { TapeStep } from "../../lab/lab.ts";
import { pathThrough } from "../draw/scale.ts";
import { Scrolls } from "../scrolls.tsx";
import type { Session } from "../session.ts";
import { failure, isTraining, opened, progress } from "../state.ts";
import { type ArrangedTape, arrangeTape } from "./arrange-tape.ts";

const LETTER = 7.3;
const LINE = 15;
const MOST_LETTERS = 24;

const cut = (text: string): string =>
  text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text;
const shapeOf = ({ shape }: TapeStep): string => `[${shape.join(", ")}]`;
const titleOf = (step: TapeStep): string =>
  // Some names say the shape already.
  step.name.includes(shapeOf(step)) ? step.name : `${step.name} ${shapeOf(step)}`;

/** What stands where the lines from an operation begin: its value, and the gradient that comes back. */
const labelsOf = (operand: TapeStep): readonly string[] => [
  cut(operand.value),
  ...(operand.gradient === undefined ? [] : [cut(`∇ ${operand.gradient}`)]),
];

const widthOf = (lines: readonly string[]): number =>
  Math.max(...lines.map(({ length }) => length)) * LETTER + 14;

const BOX = LINE + 12;
/** A box and two lines of numbers below it. */
const BLOCK = BOX + 2 * LINE + 4;
const BETWEEN = 20;

interface Drawn {
  readonly steps: readonly TapeStep[];
  readonly arranged: ArrangedTape;
}

const arranged = (steps: readonly TapeStep[]): ArrangedTape =>
  arrangeTape(
    steps.map((step) => ({
      id: step.id,
      operands: step.operands,
      width: widthOf([titleOf(step), ...labelsOf(step)]),
    })),
    BLOCK,
    BETWEEN,
  );

/** The drawing of the tape, and the same as a table. It shows the step at which it was opened, or the newest at rest. */
export function TapeView({ session }: { readonly session: Session }) {
  const [drawn, setDrawn] = useState<Drawn>();
  const step = progress.value!.step;
  const when = isTraining.value ? -1 : step;
  const network = opened.value;
  useEffect(() => {
    let isOld = false;
    const ask = async () => {
      try {
        const steps = await session.lab.tape();
        if (!isOld) setDrawn({ steps, arranged: arranged(steps) });
      } catch (error) {
        failure.value = `The tape could not be drawn: ${String(error)}`;
      }
    };
    void ask();
    return () => {
      isOld = true;
    };
  }, [session, when, network]);
  if (drawn === undefined) return <p class="waiting">The tape is being drawn…</p>;
  return (
    <section class="panel tape" aria-label="The tape of one training step">
      <p class="hint">
        One training step on the first samples. On each line: the value that goes down it and, after ∇, the
        gradient that comes back.
      </p>
      <Scrolls label="Drawing of the tape">
        <TapeDrawing {...drawn} />
      </Scrolls>
      <details>
        <summary>The same as a table</summary>
        <Scrolls class="table-box" label="Operations of the tape">
          <TapeTable steps={drawn.steps} />
        </Scrolls>
      </details>
    </section>
  );
}

function TapeDrawing({ steps, arranged: { width, height, places, wires } }: Drawn) {
  return (
    <svg
      role="img"
      aria-label={`${steps.length} operations, from the inputs and weights on top to the loss below. The table below says the same.`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
    >
      {wires.map(({ from, to, points }, i) => (
        <path key={`${from} ${to} ${i}`} class="wire" d={pathThrough(points)} />
      ))}
      {steps.map((step, i) => {
        const { x, y } = places[i]!;
        const w = widthOf([titleOf(step)]);
        const labels = labelsOf(step);
        return (
          <g key={step.id} class={`node ${step.kind}`}>
            {labels.length === 1 && step.kind !== "result" && (
              <line class="wire" x1={x} x2={x} y1={y + BOX + LINE + 2} y2={y + BLOCK} />
            )}
            <rect
              class="box"
              x={x - w / 2}
              y={y}
              width={w}
              height={BOX}
              rx={step.kind === "operation" ? 4 : 13}
            />
            <text x={x} y={y + BOX / 2 + 4}>
              {titleOf(step)}
            </text>
            {labels.map((text, row) => (
              <text
                key={row === 0 ? "value" : "gradient"}
                class={row === 0 ? "value" : "g"}
                x={x}
                y={y + BOX + (row + 0.9) * LINE}
              >
                {text}
              </text>
            ))}
          </g>
        );
      })}
    </svg>
  );
}

function TapeTable({ steps }: { readonly steps: readonly TapeStep[] }) {
  const names = new Map(steps.map((step, i) => [step.id, `${i + 1}: ${step.name}`]));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">operation</th>
          <th scope="col">of</th>
          <th scope="col">shape</th>
          <th scope="col">value</th>
          <th scope="col">gradient</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step.id}>
            <th scope="row">{names.get(step.id)}</th>
            <td>{step.operands.map((id) => names.get(id) ?? id).join("; ")}</td>
            <td>{shapeOf(step)}</td>
            <td>{step.value}</td>
            <td>{step.gradient ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
