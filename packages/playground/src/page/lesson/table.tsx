// Every number of a stage, for those who can't see the drawing and those who want all digits.

import type { LayerPicture, Stage } from "../../lab/lab.ts";
import { exactText, shortText, superscript } from "../draw/numbers.ts";
import { isExact } from "../state.ts";
import type { News } from "./steps.ts";

/** Tables of x and δ of each layer, and of W and ∇ between two. */
export function NumbersTable({ stage, news }: { readonly stage: Stage; readonly news: readonly News[] }) {
  const text = isExact.value ? exactText : shortText;
  return (
    <div class="numbers-table">
      {stage.layers.map((layer, l) => (
        <section key={layer.name} aria-label={`Numbers of ${layer.name}`}>
          <Units layer={layer} index={l} isLast={l === stage.layers.length - 1} news={news[l]!} text={text} />
          {layer.weight !== undefined && (
            <Weights layer={layer} index={l} next={stage.layers[l + 1]!} news={news[l]!} text={text} />
          )}
        </section>
      ))}
    </div>
  );
}

/** Marks a column that is new, by more than its colour. */
const New = ({ of }: { readonly of: boolean }) => (of ? <em class="new"> new</em> : null);

interface Of {
  readonly layer: LayerPicture;
  readonly index: number;
  readonly news: News;
  readonly text: (x: number) => string;
}

function Units({ layer, index, isLast, news, text }: Of & { readonly isLast: boolean }) {
  const count = layer.size + (layer.hasBias ? 1 : 0);
  return (
    <table>
      <caption>{layer.name}</caption>
      <thead>
        <tr>
          <th scope="col">unit</th>
          <th scope="col" class="x">
            {isLast ? "ŷ" : `x${superscript(index)}`}
            <New of={news.x} />
          </th>
          {layer.delta !== undefined && (
            <th scope="col" class="d">
              δ{superscript(index)}
              <New of={news.delta} />
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: count }, (_, i) => (
          <tr key={i}>
            <th scope="row">{layer.hasBias ? (i === 0 ? "bias" : i) : i + 1}</th>
            <td>{layer.x?.[i] === undefined ? "–" : text(layer.x[i])}</td>
            {layer.delta !== undefined && (
              <td>{layer.delta[i] === undefined ? "–" : text(layer.delta[i])}</td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Weights({ layer, index, next, news, text }: Of & { readonly next: LayerPicture }) {
  const rows = layer.weight!.flatMap((row, from) => row.map((w, to) => ({ from, to, w })));
  return (
    <table>
      <caption>
        {layer.name} to {next.name}
      </caption>
      <thead>
        <tr>
          <th scope="col">from → to</th>
          <th scope="col" class="w">
            W{superscript(index)}
            <New of={news.weight} />
          </th>
          {layer.gradient !== undefined && (
            <th scope="col" class="g">
              ∇{superscript(index)}
              <New of={news.gradient} />
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ from, to, w }) => (
          <tr key={`${from}.${to}`}>
            <th scope="row">
              {from === 0 ? "bias" : from} → {to + 1}
            </th>
            <td>{text(w)}</td>
            {layer.gradient !== undefined && <td>{text(layer.gradient[from]![to]!)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
