// The tape of one training step: its operations, the values and gradients that go between them.

import { useEffect, useState } from "preact/hooks";
import type { TapeStep } from "../../lab/lab.ts";
import { pathThrough } from "../draw/scale.ts";
import { Scrolls } from "../scrolls.tsx";
import type { Session } from "../session.ts";
import { failure, isTraining, opened, progress } from "../state.ts";
import type { Arranged, Question } from "./layout.ts";

const LETTER = 7.3;
const LINE = 15;
const MOST_LETTERS = 24;

const cut = (text: string): string =>
  text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text;
const shapeOf = ({ shape }: TapeStep): string => `[${shape.join(", ")}]`;
const titleOf = (step: TapeStep): string =>
  // Some names say the shape already.
  step.name.includes(shapeOf(step)) ? step.name : `${step.name} ${shapeOf(step)}`;

/** What lies on the line from an operand: its value, and the gradient that comes back. */
const labelsOf = (operand: TapeStep): readonly string[] => [
  cut(operand.value),
  ...(operand.gradient === undefined ? [] : [cut(`∇ ${operand.gradient}`)]),
];

const widthOf = (lines: readonly string[]): number =>
  Math.max(...lines.map(({ length }) => length)) * LETTER + 14;

function questionOf(steps: readonly TapeStep[]): Question {
  const byId = new Map(steps.map((step) => [step.id, step]));
  return {
    boxes: steps.map((step) => ({ id: step.id, width: widthOf([titleOf(step)]), height: LINE + 12 })),
    lines: steps.flatMap((step) =>
      step.operands
        .filter((id) => byId.has(id))
        .map((id) => {
          const labels = labelsOf(byId.get(id)!);
          return { from: id, to: step.id, width: widthOf(labels), height: labels.length * LINE + 4 };
        }),
    ),
  };
}

/** Asks the worker, which is started for it and ends with it. */
function arrange(question: Question): Promise<Arranged> {
  const worker = new Worker(new URL("./layout.ts", import.meta.url), { type: "module" });
  return new Promise<Arranged>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<Arranged>) => resolve(data));
    worker.addEventListener("error", (event) => reject(new Error(event.message)));
    worker.postMessage(question);
  }).finally(() => worker.terminate());
}

interface Drawn {
  readonly steps: readonly TapeStep[];
  readonly question: Question;
  readonly arranged: Arranged;
}

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
        const question = questionOf(steps);
        const arranged = await arrange(question);
        if (!isOld) setDrawn({ steps, question, arranged });
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

function TapeDrawing({ steps, question, arranged: { width, height, boxes, lines } }: Drawn) {
  const byId = new Map(steps.map((step) => [step.id, step]));
  return (
    <svg
      role="img"
      aria-label={`${steps.length} operations, from the inputs and weights on top to the loss below. The table below says the same.`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
    >
      {lines.map(({ points }, i) => (
        <path key={i} class="wire" d={pathThrough(points.map(({ x, y }) => [x, y]))} />
      ))}
      {lines.map(({ x, y }, i) => {
        const { from, width: w, height: h } = question.lines[i]!;
        return (
          <g key={i}>
            <rect class="label" x={x - w / 2} y={y - h / 2} width={w} height={h} rx="3" />
            {labelsOf(byId.get(from)!).map((text, row) => (
              <text key={text} class={row === 0 ? "value" : "g"} x={x} y={y - h / 2 + (row + 0.85) * LINE}>
                {text}
              </text>
            ))}
          </g>
        );
      })}
      {steps.map((step, i) => {
        const { x, y } = boxes[i]!;
        const { width: w, height: h } = question.boxes[i]!;
        return (
          <g key={step.id} class={`node ${step.kind}`}>
            <rect
              class="box"
              x={x - w / 2}
              y={y - h / 2}
              width={w}
              height={h}
              rx={step.kind === "operation" ? 4 : 13}
            />
            <text x={x} y={y + 5}>
              {titleOf(step)}
            </text>
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
