// Pictures of the test set, each with what the network takes it for.

import { useEffect, useRef } from "preact/hooks";
import type { DataPicture } from "../../lab/lab.ts";
import { isDark } from "../draw/dark.ts";

const MOST = 40;

/** The first test pictures; a wrong prediction is framed and says what was right. */
export function Images({
  data,
  predictions,
}: {
  readonly data: DataPicture;
  readonly predictions: Float32Array | undefined;
}) {
  const count = Math.min(MOST, data.test.count);
  return (
    <ol class="images">
      {Array.from({ length: count }, (_, i) => {
        const right = data.test.y[i]!;
        const said = predictions?.[i];
        const isWrong = said !== undefined && said !== right;
        const name = (value: number) => data.outputs[value] ?? String(value);
        return (
          <li key={i} class={isWrong ? "wrong" : undefined}>
            <Image data={data} index={i} />
            <span>
              {said === undefined ? "–" : name(said)}
              {isWrong && <small> not {name(right)}</small>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Image({ data, index }: { readonly data: DataPicture; readonly index: number }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const [height, width] = data.imageSize!;
  const dark = isDark.value;
  useEffect(() => {
    const size = height * width;
    const pixels = data.test.x.subarray(index * size, (index + 1) * size);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const pixel of pixels) [low, high] = [Math.min(low, pixel), Math.max(high, pixel)];
    const context = ref.current!.getContext("2d")!;
    const image = context.createImageData(width, height);
    pixels.forEach((pixel, i) => {
      const share = (pixel - low) / (high - low || 1);
      const grey = Math.round(255 * (dark ? share : 1 - share));
      image.data.set([grey, grey, grey, 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }, [data, index, height, width, dark]);
  return (
    <canvas ref={ref} width={width} height={height} role="img" aria-label={`test picture ${index + 1}`} />
  );
}
