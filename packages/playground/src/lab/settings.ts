// Checks of what a person chose, before anything is made of it.

import { whyTooLong } from "./data/limits.ts";
import { type Chosen, chosen } from "./formula/activations.ts";
import type { Choice, Mistake, Settings } from "./lab.ts";
import { lossChoices, lossNamed } from "./losses.ts";
import { MistakeError, nearest } from "./mistakes.ts";
import { optimizerChoices } from "./optimizers.ts";

export const dataChoices: readonly Choice[] = [
  {
    name: "grounded",
    title: "grounded example",
    about:
      "The lecture's one sample, [0, 1] with the target 1, with which its 2-2-1 network is worked through by hand.",
  },
  {
    name: "xor",
    title: "XOR",
    about: "Whether exactly one of two inputs is 1: one neuron can't tell, a hidden layer can.",
  },
  {
    name: "moons",
    title: "moons",
    about: "Two half moons that reach into each other: a curved boundary is needed.",
  },
  { name: "rings", title: "rings", about: "A ring within a ring: the boundary must close." },
  {
    name: "spiral",
    title: "spiral",
    about: "Two arms wound around each other: the hardest of the plane, for two hidden layers.",
  },
  {
    name: "quiz",
    title: "free fall",
    about: "The lecture's quiz: learn h = ½ g t² from examples; how many neurons does it take?",
  },
  { name: "digits", title: "digits", about: "1,797 handwritten digits of 8×8 pixels: ten classes." },
  {
    name: "csv",
    title: "your own table",
    about: "Comma-separated values, pasted or dropped, whose last column is to be predicted.",
  },
];

export const MOST_LAYERS = 8;
export const MOST_UNITS = 128;
const MOST_SAMPLES = 5_000;
const FEWEST_SAMPLES = 8;

/** Settings with which nothing is wrong by themselves, and their activations. */
export interface Checked {
  readonly settings: Settings;
  /** Of the hidden layers, then of the output layer. */
  readonly activations: readonly Chosen[];
}

const said = (value: unknown): string =>
  typeof value === "string"
    ? `“${value.length > 24 ? `${value.slice(0, 24)}…` : value}”`
    : typeof value === "number"
      ? Number.isNaN(value)
        ? "no number"
        : `${value}`
      : value === undefined
        ? "missing"
        : `a ${value === null ? "null" : typeof value}`;

/** Settings that are as they should be. Throws a MistakeError with all that is wrong in them. */
export function checked(settings: Settings): Checked {
  const mistakes: Mistake[] = [];
  const wrong = (field: string, message: string) => void mistakes.push({ field, message });
  const number = (field: string, value: unknown, isRight: (value: number) => boolean, rule: string) => {
    if (typeof value !== "number" || !isRight(value)) wrong(field, `is ${said(value)} and must be ${rule}`);
  };
  const whole = (field: string, value: unknown, from: number, to: number) =>
    number(
      field,
      value,
      (n) => Number.isInteger(n) && n >= from && n <= to,
      `a whole number from ${from} to ${to}`,
    );
  const oneOf = (field: string, value: unknown, choices: readonly Choice[]) => {
    const names = choices.map(({ name }) => name);
    if (names.includes(value as string)) return;
    const near = typeof value === "string" ? nearest(value, names) : undefined;
    wrong(
      field,
      `is ${said(value)} and must be one of ${names.join(", ")}${near === undefined ? "" : `: did you mean ${near}?`}`,
    );
  };
  const activations: Chosen[] = [];
  const activation = (field: string, value: unknown) => {
    if (typeof value !== "string")
      return wrong(field, `is ${said(value)} and must be a name or a formula of x`);
    try {
      activations.push(chosen(value, field));
    } catch (error) {
      if (!(error instanceof MistakeError)) throw error;
      mistakes.push(...error.mistakes);
    }
  };

  const { data, hidden } = settings;
  oneOf("data.name", data?.name, dataChoices);
  number("data.noise", data?.noise, (n) => n >= 0 && n <= 2, "a number from 0 to 2");
  whole("data.samples", data?.samples, FEWEST_SAMPLES, MOST_SAMPLES);
  if (data?.name === "csv" || data?.csv !== undefined) table(data.csv, wrong);
  if (!Array.isArray(hidden)) wrong("hidden", `is ${said(hidden)} and must be a list of layers`);
  else if (hidden.length > MOST_LAYERS)
    wrong("hidden", `has ${hidden.length} layers and may have ${MOST_LAYERS}`);
  else
    hidden.forEach((layer: Settings["hidden"][number] | undefined, i) => {
      whole(`hidden.${i}.units`, layer?.units, 1, MOST_UNITS);
      activation(`hidden.${i}.activation`, layer?.activation);
    });
  activation("outputActivation", settings.outputActivation);
  oneOf("loss", settings.loss, lossChoices);
  oneOf("optimizer", settings.optimizer, optimizerChoices);
  number(
    "learningRate",
    settings.learningRate,
    (n) => n > 0 && n <= 1000,
    "a number above 0, up to 1000, such as 0.01",
  );
  whole("batch", settings.batch, 0, 10_000);
  number("l2", settings.l2, (n) => n >= 0 && n <= 10, "a number from 0 to 10, such as 0.001");
  number("dropout", settings.dropout, (n) => n >= 0 && n < 1, "a number from 0 to below 1, such as 0.2");
  whole("seed", settings.seed, 0, 2 ** 32 - 1);
  if (mistakes.length === 0) fitting(settings, activations.at(-1)!, wrong);
  if (mistakes.length > 0) throw new MistakeError(mistakes);
  return { settings, activations };
}

function table(csv: unknown, wrong: (field: string, message: string) => void): void {
  const tooLong = typeof csv === "string" ? whyTooLong(csv.length) : undefined;
  if (typeof csv !== "string") wrong("data.csv", "there is no table; paste one, or drop a file");
  else if (tooLong !== undefined) wrong("data.csv", tooLong);
  else if (/[\ud800-\udfff]/u.test(csv))
    wrong("data.csv", "the table has half of a surrogate pair, which is no text; save the file as UTF-8");
}

/** The output activation must give what the loss reads. */
function fitting(
  { loss, outputActivation }: Settings,
  { range }: Chosen,
  wrong: (field: string, message: string) => void,
): void {
  const { outputs, title } = lossNamed(loss)!;
  if (outputs === "probabilities" && !(range[0] >= 0 && range[1] <= 1))
    wrong(
      "outputActivation",
      `${outputActivation} gives numbers from ${bound(range[0])} to ${bound(range[1])}, and ${title} takes probabilities; take logistic, or another loss`,
    );
  if (outputs === "logits" && outputActivation.trim() !== "linear")
    wrong(
      "outputActivation",
      `${title} applies ${loss === "crossEntropy" ? "softmax" : "the logistic function"} itself; take linear, or another loss`,
    );
}

const bound = (value: number) =>
  Math.abs(value) === Infinity ? (value < 0 ? "−∞" : "∞") : boundText(value).replace("-", "−");

/** Three digits, unless those hide that the bound is beyond 0 or 1. */
const boundText = (value: number): string => {
  const short = Number(value.toPrecision(3));
  return `${(short === 0 || short === 1) && short !== value ? value : short}`;
};
