// What the network predicts: a decision boundary, a fitted curve, or the pictures and what they are taken for.

import { useEffect, useRef } from "preact/hooks";
import type { DataPicture, Progress } from "../../lab/lab.ts";
import { isDark } from "../draw/dark.ts";
import { percentText, shortText } from "../draw/numbers.ts";
import { drawPlot } from "../draw/plot.ts";
import { useWidth } from "../draw/size.ts";
import { Scrolls } from "../scrolls.tsx";
import { opened, progress } from "../state.ts";
import { Images } from "./images.tsx";

/** Shapes of the classes, as the canvas draws them. */
const SHAPES = ["circles", "triangles", "squares", "diamonds"];

/** The picture that suits the data. */
export function Prediction() {
  const { data } = opened.value!;
  const title =
    data.kind === "plane"
      ? data.isClassification
        ? "Decision boundary"
        : "Fitted surface"
      : data.kind === "line"
        ? "Fitted curve"
        : "Predictions";
  return (
    <section class="panel prediction" aria-labelledby="prediction-title">
      <h3 id="prediction-title">{title}</h3>
      {data.kind === "plane" || data.kind === "line" ? (
        <Plot data={data} now={progress.value!} />
      ) : data.kind === "image" ? (
        <Images data={data} predictions={progress.value!.predictions} />
      ) : (
        <TablePredictions data={data} predictions={progress.value!.predictions} />
      )}
    </section>
  );
}

function Plot({ data, now }: { readonly data: DataPicture; readonly now: Progress }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const height = Math.round(Math.min(width * 0.86, 420));
  const dark = isDark.value;
  const { field } = now;
  useEffect(() => {
    if (width === 0) return;
    const element = canvas.current!;
    const ratio = Math.min(2, devicePixelRatio);
    if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) {
      element.width = Math.round(width * ratio);
      element.height = Math.round(height * ratio);
      element.style.width = `${width}px`;
      element.style.height = `${height}px`;
    }
    const context = element.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawPlot({ context, width, height, isDark: dark }, data, field);
  }, [data, field, width, height, dark]);
  const isLine = data.kind === "line";
  const groups = isLine ? [] : data.isClassification ? data.outputs : [];
  return (
    <div class="plot" ref={ref}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${data.training.count} training and ${data.test.count} test samples over ${data.inputs.join(" and ")}, and what the network predicts there after step ${now.step}.${now.testAccuracy === undefined ? "" : ` It is right for ${percentText(now.testAccuracy)} of the test samples.`}`}
      />
      <p class="key">
        {groups.map((name, i) => (
          <span key={name} class={`class c${i % 10}`}>
            {SHAPES[i % 4]}: {name}
          </span>
        ))}
        <span>filled: training</span>
        <span>hollow: test</span>
        {isLine && <span>line: the network</span>}
      </p>
    </div>
  );
}

function TablePredictions({
  data,
  predictions,
}: {
  readonly data: DataPicture;
  readonly predictions: Float32Array | undefined;
}) {
  const text = (value: number | undefined) =>
    value === undefined
      ? "–"
      : data.isClassification
        ? (data.outputs[value] ?? String(value))
        : shortText(value);
  if (predictions === undefined) return null;
  return (
    <Scrolls class="table-box" label="Predictions for test samples">
      <table>
        <thead>
          <tr>
            <th scope="col">test sample</th>
            <th scope="col">target</th>
            <th scope="col">predicted</th>
          </tr>
        </thead>
        <tbody>
          {[...predictions].map((value, i) => (
            <tr key={i}>
              <th scope="row">{i + 1}</th>
              <td>{text(data.test.y[i])}</td>
              <td class={data.isClassification && value !== data.test.y[i] ? "wrong" : undefined}>
                {text(value)}
                {data.isClassification && value !== data.test.y[i] ? " (wrong)" : ""}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}
