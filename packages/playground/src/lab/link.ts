// Settings as a short text for a link's fragment, and back. Imports nothing of the engine, so that the page reads links
// before the laboratory is there. Whether settings are possible is checked when they are opened; here it is their form.
//
//   1~xor~0.1~200~~4.tanh~logistic~negLogLoss~adam~0.03~32~0~0~1
//   version, data, noise, samples, table, layers, output activation, loss, optimizer, ρ, batch, α, dropout, seed

import type { LayerSettings, Settings } from "./lab.ts";
import { answered, type Refusal, refuse } from "./mistakes.ts";

const VERSION = "1";
const FIELDS = 14;
/** A table of the most characters, each of which may become nine. */
const LONGEST = 4_000_000;
const MOST_LAYERS = 100;

/** A text without the signs that have a meaning here, or that links change. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(
    /[~.!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const numberText = (value: number): string => (Object.is(value, -0) ? "-0" : `${value}`);

/** Settings as text, of letters, digits and - _ . ~ % + alone. Throws URIError for text with half of a surrogate pair. */
export function linkOf(settings: Settings): string {
  const { data, hidden, outputActivation, loss, optimizer, learningRate, batch, l2, dropout, seed } =
    settings;
  return [
    VERSION,
    escaped(data.name),
    numberText(data.noise),
    numberText(data.samples),
    // An empty table is not the same as none.
    data.csv === undefined ? "" : `-${escaped(data.csv)}`,
    hidden.map(({ units, activation }) => `${numberText(units)}.${escaped(activation)}`).join("."),
    escaped(outputActivation),
    escaped(loss),
    escaped(optimizer),
    numberText(learningRate),
    numberText(batch),
    numberText(l2),
    numberText(dropout),
    numberText(seed),
  ].join("~");
}

/** The settings of a link, or why it is none. What it makes is never larger than its text. */
export function settingsOf(link: string): Settings | Refusal {
  return answered(() => {
    if (link.length > LONGEST)
      refuse("link", `the link has ${link.length} characters, more than any state; open the page without it`);
    const [version] = link.split("~", 1);
    if (version !== VERSION)
      refuse(
        "link",
        `the link is of version “${version!.slice(0, 12)}”, and this page reads version ${VERSION}; load the newest page`,
      );
    const fields = link.split("~", FIELDS + 1);
    if (fields.length !== FIELDS)
      refuse(
        "link",
        `the link has ${fields.length > FIELDS ? "more than" : `${fields.length} of`} ${FIELDS} parts: it was cut off or changed; copy it again`,
      );
    if (!/^(-|$)/.test(fields[4]!)) refuse("data.csv", "the link is damaged here; copy it again");
    const [, name, noise, samples, csv, layers, output, loss, optimizer, rate, batch, l2, dropout, seed] =
      fields as string[];
    return {
      data: {
        name: read("data.name", name!),
        noise: numberOf("data.noise", noise!),
        samples: numberOf("data.samples", samples!),
        ...(csv === "" ? {} : { csv: read("data.csv", csv!.slice(1)) }),
      },
      hidden: layersOf(layers!),
      outputActivation: read("outputActivation", output!),
      loss: read("loss", loss!),
      optimizer: read("optimizer", optimizer!),
      learningRate: numberOf("learningRate", rate!),
      batch: numberOf("batch", batch!),
      l2: numberOf("l2", l2!),
      dropout: numberOf("dropout", dropout!),
      seed: numberOf("seed", seed!),
    };
  });
}

function read(field: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(field, "the link is damaged here; copy it again");
  }
}

// What is typed and no number yet is in the address, too, and gets its message when it is opened.
const NUMBER = /^(-?\d+(\.\d+)?(e[+-]\d+)?|NaN|-?Infinity)$/;

function numberOf(field: string, text: string): number {
  if (NUMBER.test(text)) return Number(text);
  return refuse(field, `the link has “${text.slice(0, 24)}” where a number belongs; copy it again`);
}

function layersOf(text: string): readonly LayerSettings[] {
  if (text === "") return [];
  const parts = text.split(".", 2 * MOST_LAYERS + 1);
  if (parts.length % 2 === 1) refuse("hidden", "the link is damaged at its layers; copy it again");
  return Array.from({ length: parts.length / 2 }, (_, i) => ({
    units: numberOf(`hidden.${i}.units`, parts[2 * i]!),
    activation: read(`hidden.${i}.activation`, parts[2 * i + 1]!),
  }));
}
