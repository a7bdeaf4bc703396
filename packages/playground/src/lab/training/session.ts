// A training: data, network, programs, how far it has come, and what is remembered. Runs no loop by itself.

import { randomKey, splitKey, type Tensor, tensor } from "@adjoint/autograd";
import { type Dataset, scaledBy } from "../data/dataset.ts";
import type { Field, Progress, Settings } from "../lab.ts";
import { type Network, networkOf, type Samples, samplesOf } from "../network.ts";
import { optimizerNamed, optimizerOf } from "../optimizers.ts";
import type { Checked } from "../settings.ts";
import { whyNotFinite } from "./ending.ts";
import { History } from "./history.ts";
import { Order } from "./order.ts";
import { type Grid, gridOf, layersOf, MOST_SHOWN } from "./pictures.ts";
import { type Judgement, type Programs, programsOf } from "./programs.ts";

/** How many predictions of test samples are shown where there is no field. */
const MOST_PREDICTIONS = 40;
/** How many samples a layer's activations are shown of. */
const MOST_ACTIVATIONS = 256;

export class Session {
  readonly settings: Settings;
  readonly checked: Checked;
  readonly data: Dataset;
  readonly network: Network;
  readonly training: Samples;
  readonly history: History;
  readonly test: Samples;
  readonly #order: Order;
  readonly #programs: Programs;
  readonly #limits: readonly (readonly number[])[];
  readonly #grid: Grid | null;
  readonly #points: Tensor | null;
  #steps = 0;
  #ended: string | undefined;
  #told: Progress | null = null;

  /** Throws a MistakeError where the loss does not fit the data. */
  constructor(checked: Checked, data: Dataset) {
    const { settings, activations } = checked;
    this.settings = settings;
    this.checked = checked;
    this.data = data;
    this.network = networkOf(checked, data);
    this.training = samplesOf(this.network, data, "training");
    this.test = samplesOf(this.network, data, "test");
    // Neither the key of the weights nor that of the data.
    const [, key] = splitKey(randomKey(settings.seed), 3);
    this.#order = new Order(data.training.count, settings.batch, splitKey(key!, 2)[1]!);
    this.#limits = activations.slice(0, -1).map(({ range }) => range.filter(Number.isFinite));
    const optimizer = optimizerOf(optimizerNamed(settings.optimizer)!, settings.learningRate, settings.l2);
    this.#programs = programsOf(this.network, optimizer, this.#limits);
    this.history = new History(this.network.layers);
    this.#grid = gridOf(data);
    this.#points =
      this.#grid === null
        ? null
        : tensor(scaledBy(this.#grid.points, data.inputScale))
            .reshape([-1, data.inputs.length])
            .cast(this.network.dtype);
  }

  get ended(): string | undefined {
    return this.#ended;
  }

  get steps(): number {
    return this.#steps;
  }

  /** The first batch's samples: what the tape of a step is shown of. */
  get batch(): number {
    return this.#order.size;
  }

  /** Makes up to `count` steps; fewer where the loss is no finite number any more. */
  advance(count: number): void {
    for (let i = 0; i < count && this.#ended === undefined; i++) {
      const loss = this.#programs.step(this.training, this.#order.next());
      if (Number.isFinite(loss.item())) this.#steps++;
      else this.#break();
    }
  }

  /** Ends at the weights that were last looked at, if those are finite. */
  #break(): void {
    const { layers } = this.network;
    const known = this.history.latest;
    if (known?.every((value) => Number.isFinite(value)) === true) {
      let at = 0;
      for (const layer of layers) {
        const size = (1 + layer.inputs) * layer.outputs;
        layer.transferMatrix = tensor(known.slice(at, at + size)).reshape([1 + layer.inputs, layer.outputs]);
        at += size;
      }
    }
    this.#ended = whyNotFinite(this.network, this.training, this.settings.learningRate, this.#steps);
    this.#told = null;
  }

  /** How far it has come, which is remembered too. `isRunning`: large matrices are left out. */
  progress(stepsPerSecond: number, isRunning: boolean): Progress {
    const step = this.#steps;
    const isSame = this.#told?.step === step && this.#told.ended === this.#ended;
    if (isSame && !isRunning && this.#told!.layers[0]!.weight !== undefined)
      return { ...this.#told!, stepsPerSecond };
    const judged = this.#programs.judge(this.training);
    const test = this.#programs.test(this.test);
    const trainingLoss = judged.loss.item();
    if (!Number.isFinite(trainingLoss) && this.#ended === undefined) {
      if (step > 0) this.#break();
      else this.#ended = whyNotFinite(this.network, this.training, this.settings.learningRate, 0);
      if (step > 0) return this.progress(stepsPerSecond, isRunning);
    }
    const { isClassification, training, inputs } = this.data;
    const { layers } = this.network;
    const weights = layers.reduce((sum, { inputs, outputs }) => sum + (1 + inputs) * outputs, 0);
    const point = {
      step,
      epoch: (step * this.#order.size) / training.count,
      trainingLoss,
      testLoss: test.loss.item(),
      ...(isClassification
        ? { trainingAccuracy: judged.accuracy.item(), testAccuracy: test.accuracy.item() }
        : {}),
      saturation: this.#saturation(judged),
      gradientNorms: [...(judged.norms.data as Float64Array)],
    };
    if (!isSame) this.history.add(point, judged.weights, judged.biases);
    const first = Array.from(this.training.x.slice(0).data as Float32Array).slice(0, inputs.length);
    const told: Progress = {
      ...point,
      stepsPerSecond,
      ...this.#predicted(test.decided),
      layers: layersOf(layers, first, judged, !isRunning || weights <= MOST_SHOWN),
      ...(this.#ended === undefined ? {} : { ended: this.#ended }),
    };
    this.#told = told;
    return told;
  }

  #saturation({ saturation }: Judgement): (number | null)[] {
    return saturation.map((share, l) => (this.#limits[l]!.length === 0 ? null : share.item()));
  }

  /** A field, or predictions of the first test samples. */
  #predicted(test: Tensor): { readonly field: Field } | { readonly predictions: Float32Array } {
    if (this.#grid === null || this.#points === null)
      return { predictions: this.#unscaled(test.data.slice(0, MOST_PREDICTIONS) as Float32Array) };
    const { columns, rows, x, y } = this.#grid;
    const values = this.#unscaled(this.#programs.predict(this.#points).data as Float32Array);
    return { field: { columns, rows, x, y: y ?? extremes(values), values } };
  }

  #unscaled(values: Float32Array | Float64Array): Float32Array {
    const { targetScale } = this.data;
    if (targetScale === null) return Float32Array.from(values);
    const [[shift], [scale]] = [targetScale.shift, targetScale.scale];
    return Float32Array.from(values, (value) => value * scale! + shift!);
  }

  /** Activations of a layer over the first samples, [samples, units]. Throws RangeError where there is no such layer. */
  activations(layer: number): Float32Array {
    const count = Math.min(MOST_ACTIVATIONS, this.data.training.count);
    const x = this.training.x.slice([0, count]) as Tensor;
    const all = [x, ...this.network.run(x)];
    if (all[layer] === undefined)
      throw new RangeError(
        `activations: there is no layer ${layer}; the input is 0 and the output ${all.length - 1}`,
      );
    return Float32Array.from(all[layer].data as Float32Array);
  }
}

function extremes(values: Float32Array): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return [least, greatest];
}
