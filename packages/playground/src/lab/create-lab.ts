// The laboratory: every function of its contract, on a session that `open` makes. Knows no worker and no page.

import { type Dataset, pictureOf, type Rows } from "./data/dataset.ts";
import { digitRows, digits } from "./data/digits.ts";
import { drawn, grounded } from "./data/drawn.ts";
import { fromTable, tableOf } from "./data/table.ts";
import { startingWith } from "./defaults.ts";
import { fileOf } from "./export/files.ts";
import { activationChoices, factsOf, verdictOf } from "./formula/activations.ts";
import type { DataSettings, Lab, Settings } from "./lab.ts";
import { Lesson } from "./lesson/stages.ts";
import { lossChoices } from "./losses.ts";
import { answered, isRefusal, type Refusal } from "./mistakes.ts";
import { optimizerChoices } from "./optimizers.ts";
import { runsAs } from "./runs-as.ts";
import { checked, dataChoices } from "./settings.ts";
import { tapeStepsOf } from "./tape.ts";
import { Runner } from "./training/runner.ts";
import { Session } from "./training/session.ts";

/** The most steps that `steps` makes at once. */
const MOST_STEPS = 1_000_000;

/** The bytes of one of the laboratory's files, by its name: "digits.bin". */
export type FetchAsset = (name: string) => Promise<Uint8Array>;

/** A laboratory. `fetchAsset` is asked for a file when it is first needed. */
export function createLab(fetchAsset: FetchAsset): Lab {
  const lesson = new Lesson();
  let runner: Runner | null = null;
  let images: Promise<Rows> | null = null;
  let opening = 0;

  const current = (): Runner => {
    if (runner === null) throw new Error("the laboratory has nothing open; call open(settings) first");
    return runner;
  };

  const digitImages = (): Promise<Rows> => {
    images ??= fetchAsset("digits.bin").then(digitRows);
    // A failed load may be tried again.
    images.catch(() => {
      images = null;
    });
    return images;
  };

  const dataOf = async ({ data, seed }: Settings): Promise<Dataset | Refusal> => {
    if (data.name === "digits") {
      try {
        return digits(await digitImages(), seed);
      } catch (error) {
        return {
          mistakes: [
            {
              field: "data.name",
              message: `the digits could not be loaded (${(error as Error).message}); try again`,
            },
          ],
        };
      }
    }
    return answered(() =>
      data.name === "csv"
        ? fromTable(data.csv!, seed)
        : data.name === "grounded"
          ? grounded()
          : drawn(data, seed),
    );
  };

  return {
    async choices() {
      return {
        data: dataChoices,
        activations: activationChoices,
        losses: lossChoices,
        optimizers: optimizerChoices,
      };
    },
    async stage(index, exact) {
      return lesson.stage(index, exact);
    },
    async facts(activation) {
      return answered(() => factsOf(activation));
    },
    async verdict(activation) {
      return answered(() => verdictOf(activation));
    },
    async suggest(data) {
      return answered(() => suggested(data));
    },
    async open(settings) {
      const turn = ++opening;
      const right = answered(() => checked(settings));
      if (isRefusal(right)) return right;
      const data = await dataOf(settings);
      if (isRefusal(data)) return data;
      return answered(() => {
        const next = new Runner(new Session(right, data));
        const progress = next.session.progress(0, false);
        // What was asked for later stays.
        if (turn === opening) {
          runner?.stop();
          runner = next;
        }
        return { data: pictureOf(data), progress, runsAs: runsAs() };
      });
    },
    async train(each) {
      await current().train(each);
    },
    async pause() {
      return current().stop();
    },
    async steps(count) {
      if (!Number.isInteger(count) || count < 0 || count > MOST_STEPS)
        throw new RangeError(`steps: ${count} must be a whole number from 0 to ${MOST_STEPS}`);
      return current().steps(count);
    },
    async weight(layer, from, to) {
      return current().session.history.weight(layer, from, to);
    },
    async activations(layer) {
      return current().session.activations(layer);
    },
    async tape() {
      const { network, training, batch } = current().session;
      return tapeStepsOf(network, training, batch);
    },
    async exported(what) {
      return fileOf(current().session, what);
    },
  };
}

/** Settings for data. A table is read first: what its last column holds decides loss and outputs. */
function suggested(data: DataSettings): Settings {
  const start = startingWith(data.name);
  if (data.name !== "csv") return { ...start, data: { ...start.data, ...data } };
  const { classes } = tableOf(data.csv ?? "");
  if (classes === null) return { ...start, data, outputActivation: "linear", loss: "meanSquaredError" };
  return classes.length === 2
    ? { ...start, data }
    : { ...start, data, outputActivation: "linear", loss: "crossEntropy" };
}
