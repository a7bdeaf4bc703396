// A trained network as a TypeScript file for @adjoint/nn, with its weights to full precision.

import type { Tensor } from "@adjoint/autograd";
import type { Scale } from "../data/dataset.ts";
import { optimizerNamed } from "../optimizers.ts";
import type { Session } from "../training/session.ts";
import { statementOf } from "./statement.ts";

/** How many samples the file predicts when it runs. */
const SHOWN = 3;

/** The file's text. */
export function codeOf(session: Session): string {
  const { network, checked, data, settings } = session;
  const { layers, task, dtype } = network;
  const type = dtype === "float32" ? "" : `, { dtype: "${dtype}" }`;
  const engine = new Set(["tensor", "type Tensor"]);
  const own = new Set(["allZeros", "dense", "sequential"]);
  const statements = new Map<string, { readonly name: string; readonly code: string }>();
  const names = checked.activations.map(({ phi, isNamed, statement }) => {
    if (isNamed) {
      own.add(phi.name);
      return phi.name;
    }
    const known = statements.get(phi.name);
    if (known !== undefined) return known.name;
    const { code, needsExpression } = statementOf(statement);
    engine.add("activation");
    if (needsExpression) engine.add("Expression");
    const name = `activation${statements.size + 1}`;
    statements.set(phi.name, { name, code });
    return name;
  });
  const made = layers.map(
    ({ inputs, outputs }, l) =>
      `  dense(${inputs}, ${outputs}, { activation: ${names[l]}, initializer: allZeros${dtype === "float32" ? "" : `, dtype: "${dtype}"`} }),`,
  );
  const matrices = layers.map((layer) => `  ${matrixText(layer.transferMatrix)},`);
  const scaled = (name: string, value: string, scale: Scale | null) =>
    scale === null ? value : `${value}.sub(${name}.shift).div(${name}.scale)`;
  const scales = [
    ...(data.inputScale === null ? [] : [scaleText("inputs", data.inputScale, type)]),
    ...(data.targetScale === null ? [] : [scaleText("target", data.targetScale, type)]),
  ];
  const samples = Array.from(
    { length: Math.min(SHOWN, data.test.count) },
    (_, i) => `[${[...data.test.x.slice(i * data.inputs.length, (i + 1) * data.inputs.length)].join(", ")}]`,
  );
  const outcome = outcomeOf(session);
  return `// A network that was trained in the playground of Adjoint: ${[data.inputs.length, ...layers.map(({ outputs }) => outputs)].join("-")}, ${session.steps} steps.
// ${trainingText(session)}
// Run it in a project that has @adjoint/autograd, @adjoint/nn and tsx: npx tsx network.ts

import { ${[...engine].sort(byName).join(", ")} } from "@adjoint/autograd";
import { ${[...own].sort(byName).join(", ")} } from "@adjoint/nn";

${[...statements].map(([text, { name, code }]) => `const ${name} = activation(${JSON.stringify(text)}, ${code});\n`).join("")}
/** Layers from the input on. */
export const model = sequential(
${made.join("\n")}
);

// The matrices W of the layers: row 0 belongs to the bias neuron.
const matrices = [
${matrices.join("\n")}
];
matrices.forEach((matrix, l) => {
  model[l]!.transferMatrix = tensor(matrix${type});
});

/** ${data.isClassification ? "The classes, in the order of their numbers" : "What is predicted"}. */
export const outputs = ${JSON.stringify(data.outputs)};
${scales.length === 0 ? "" : `\n// (value − shift)/scale, for each column: ${data.scaling}.\n${scales.join("\n")}\n`}
/** ${inComment(outcome.about)} x: [samples, ${data.inputs.length}] → [samples, ${task.units}], the columns being ${data.inputs.length > 8 ? "the inputs in their order" : inComment(data.inputs.join(", "))}. */
export function predict(x: Tensor): Tensor {
  return ${outcome.code(`model.forward(${scaled("inputs", "x", data.inputScale)})`)};
}

// What it predicts of the first test samples.
console.log(predict(tensor([${samples.join(", ")}]${type})).toArray());
`.replace("\n\n\n", "\n\n");

  function trainingText({ settings: { loss, batch, l2, dropout, learningRate, seed } }: Session): string {
    const rate = `${learningRate}`;
    const call = optimizerNamed(settings.optimizer)!.code(rate);
    return `Loss ${loss}, ${l2 === 0 ? call : `chain(weightDecay(${l2}), ${call})`}, batches of ${batch === 0 ? "all samples" : batch}${dropout === 0 ? "" : `, dropout ${dropout} after each hidden layer`}, seed ${seed}.`;
  }
}

/** What the function of the file gives. */
function outcomeOf({ network: { task }, data }: Session): {
  readonly about: string;
  readonly code: (forward: string) => string;
} {
  if (data.targetScale !== null)
    return {
      about: `${data.outputs[0]}, in its own units.`,
      code: (forward) => `${forward}.mul(target.scale).add(target.shift)`,
    };
  if (task.outputs === "logits")
    return task.units === 1
      ? { about: `The probability of ${data.outputs[1]}.`, code: (forward) => `${forward}.logistic()` }
      : { about: "The probability of each class.", code: (forward) => `${forward}.softmax()` };
  if (task.outputs === "probabilities")
    return {
      about: task.units === 1 ? `The probability of ${data.outputs[1]}.` : "The probability of each class.",
      code: (forward) => forward,
    };
  return {
    about: data.isClassification ? "A score: the higher, the likelier the class." : `${data.outputs[0]}.`,
    code: (forward) => forward,
  };
}

/** A person's own words within a comment, which they must not end. */
const inComment = (words: string): string => words.replaceAll("*/", "* /").replace(/\s+/g, " ");

const byName = (a: string, b: string) => {
  const [p, q] = [a, b].map((name) => name.replace("type ", "").toLowerCase()) as [string, string];
  return p < q ? -1 : 1;
};

const scaleText = (name: string, { shift, scale }: Scale, type: string) =>
  `const ${name} = { shift: tensor([${shift.join(", ")}]${type}), scale: tensor([${scale.join(", ")}]${type}) };`;

/** The rows of a matrix. Nine digits tell every float32 from its neighbours. */
function matrixText(matrix: Tensor): string {
  const columns = matrix.shape[1]!;
  const cells = Array.from(matrix.data as Float32Array, (value) =>
    matrix.dtype === "float32" ? `${Number(value.toPrecision(9))}` : `${value}`,
  );
  const rows = Array.from(
    { length: matrix.shape[0]! },
    (_, i) => `[${cells.slice(i * columns, (i + 1) * columns).join(", ")}]`,
  );
  return `[${rows.join(", ")}]`;
}
