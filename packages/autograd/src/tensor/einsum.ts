// Einstein's summation: letters name axes, and what the result does not name is summed. Reduced to diagonals, permutes, sums
// and batched matrix products.

import { kindOf } from "../array/arguments.ts";
import { isFloat } from "../array/dtype.ts";
import type { EinsumAgrees, EinsumShape } from "../array/einsum-types.ts";
import { inNameOf, ShapeError } from "../array/errors.ts";
import { shapeText, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { asTensor, checkTensor, type Tensor } from "./tensor.ts";

interface Labelled {
  readonly tensor: Tensor;
  readonly labels: string;
}

/**
 * `einsum("ij,jk->ik", a, b)`: axes of equal letters are multiplied together, those the result does not name are
 * summed. Without "->" the result names, in alphabetical order, the letters that occur once. A letter that occurs twice in
 * one operand is its diagonal: "ii->i", and "ii->" the trace. "..." stands for the axes without letters, which broadcast, and
 * come first in a result without "->": "...ij,...jk->...ik". NumPy's `einsum`.
 * Throws ShapeError where letters and axes don't match or sizes differ.
 */
export function einsum<
  const E extends string,
  const T extends readonly Tensor[],
  R extends EinsumShape<E, T> = EinsumShape<E, T>,
>(equation: E & EinsumAgrees<E, T>, ...tensors: T): Tensor<R> {
  const { inputs, output } = parse(equation, tensors);
  return inNameOf("einsum", (): Tensor<R> => {
    const operands = labelled(equation, inputs, tensors);
    let result = operands[0]!;
    for (let i = 1; i < operands.length; i++) {
      const later = operands.slice(i + 1).map(({ labels }) => labels);
      result = contract(result, operands[i]!, later.join("") + output);
    }
    return arrange(
      sumOver(result, [...result.labels].filter((letter) => !output.includes(letter)).join("")),
      output,
    );
  });
}

const ellipsis = "...";

/** The letters of the axes that "..." stands for, the last of which aligns with the last of every other operand. */
const dotLetters = (count: number): string =>
  // From the private use area of Unicode, so that no letter of an equation is among them.
  Array.from({ length: count }, (_, i) => String.fromCharCode(0xe000 + count - 1 - i)).join("");

/** The letters of each operand and of the result, with letters in place of "...". */
function parse(equation: string, tensors: readonly Tensor[]): { inputs: string[]; output: string } {
  if (typeof equation !== "string")
    throw new TypeError(
      `einsum: got ${kindOf(equation)} where the equation belongs; it comes first: einsum("ij,jk->ik", a, b)`,
    );
  for (const each of tensors) checkTensor("einsum", each);
  const part = "[A-Za-z]*(?:\\.\\.\\.)?[A-Za-z]*";
  const match = new RegExp(`^(${part}(?:,${part})*)(?:->(${part}))?$`).exec(equation.replaceAll(" ", ""));
  if (match === null)
    throw new ShapeError(
      `einsum: "${equation}" is no equation; write letters for axes, "..." for all others, commas between operands and "->" before the result: "ij,jk->ik"`,
    );
  const stated = match[1]!.split(",");
  if (stated.length !== tensors.length)
    throw new ShapeError(
      `einsum: "${equation}" names ${stated.length} operands and got ${tensors.length}; commas separate operands, one a tensor`,
    );
  const counts = stated.map((labels, i) => countOfDots(equation, labels, tensors[i]!));
  const most = Math.max(...counts);
  const inputs = stated.map((labels, i) => labels.replace(ellipsis, dotLetters(counts[i]!)));
  const all = stated.join("").replaceAll(".", "");
  const once = [...new Set(all)].filter((letter) => all.split(letter).length === 2).sort();
  const output = match[2]?.replace(ellipsis, dotLetters(most)) ?? dotLetters(most) + once.join("");
  if (match[2]?.includes(ellipsis) === false && most > 0)
    throw new ShapeError(
      `einsum: "${equation}": the result has no "..." for the ${most} axes that it stands for in operands; write "->...${match[2]}", or name these axes to sum them`,
    );
  const twice = [...output].find((letter, i) => output.indexOf(letter) !== i);
  if (twice !== undefined)
    throw new ShapeError(
      `einsum: "${equation}": the result names ${twice} twice; name each axis once, and make a diagonal matrix with diag`,
    );
  for (const letter of match[2]?.replace(ellipsis, "") ?? "") {
    if (!all.includes(letter))
      throw new ShapeError(
        `einsum: "${equation}": the result names ${letter}, which no operand has; name only axes of operands`,
      );
  }
  return { inputs, output };
}

/** How many axes "..." stands for in an operand. */
function countOfDots(equation: string, labels: string, { shape }: Tensor): number {
  const letters = labels.replace(ellipsis, "");
  const count = shape.length - letters.length;
  if (labels === letters ? count !== 0 : count < 0)
    throw new ShapeError(
      `einsum: "${equation}": "${labels}" names ${letters.length} axes of ${shapeText(shape)}, which has ${shape.length}; give one letter an axis${labels === letters ? ', or "..." for those without' : ""}`,
    );
  return count;
}

/** The operands with each letter once: diagonals in place of letters that repeat, and no axis of size 1 that is to broadcast. */
function labelled(equation: string, inputs: readonly string[], tensors: readonly Tensor[]): Labelled[] {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    [...labels].forEach((letter, axis) => {
      const n = tensors[i]!.shape[axis]!;
      const known = sizes.get(letter);
      const broadcasts = isDot(letter) && (known === 1 || n === 1);
      if (known !== undefined && known !== n && !broadcasts) throw clash(equation, inputs, letter, known, n);
      if (known === undefined || known === 1) sizes.set(letter, n);
    });
  });
  return inputs.map((labels, i) => {
    const { shape } = tensors[i]!;
    const repeats = (letter: string, axis: number) =>
      isDot(letter) && shape[axis] === 1 && sizes.get(letter) !== 1;
    const axis = [...labels].flatMap((letter, at) => (repeats(letter, at) ? [at] : []));
    const kept = [...labels].filter((letter, at) => !repeats(letter, at)).join("");
    return withoutRepetition({ tensor: tensors[i]!.squeeze({ axis }), labels: kept });
  });
}

const isDot = (letter: string): boolean => letter >= "\ue000";

function clash(equation: string, inputs: readonly string[], letter: string, a: number, b: number) {
  const name = isDot(letter) ? `axis −${letter.charCodeAt(0) - 0xe000 + 1} of "..."` : letter;
  const isInOne = inputs.some((labels) => labels.split(letter).length > 2);
  return new ShapeError(
    `einsum: "${equation}": ${name} is ${a} in one ${isInOne ? "place" : "operand"} and ${b} in another; axes of one letter must be equally long${isDot(letter) ? ", or 1" : ""}`,
  );
}

/** The diagonal of each pair of axes of one letter, which becomes the last axis. */
function withoutRepetition(operand: Labelled): Labelled {
  const { tensor, labels } = operand;
  const second = [...labels].findIndex((letter, axis) => labels.indexOf(letter) < axis);
  if (second === -1) return operand;
  const first = labels.indexOf(labels[second]!);
  const others = [...labels].map((_, axis) => axis).filter((axis) => axis !== first && axis !== second);
  const rest = others.map((axis) => labels[axis]!).join("");
  return withoutRepetition({
    tensor: tensor.permute([...others, first, second]).diagonal(),
    labels: rest + labels[first]!,
  });
}

/** One batched matrix product: shared letters still needed are the batch, those no longer needed are summed. */
function contract(a: Labelled, b: Labelled, later: string): Labelled {
  const only = (x: string, y: string) => [...x].filter((letter) => !y.includes(letter)).join("");
  const shared = [...a.labels].filter((letter) => b.labels.includes(letter)).join("");
  const batch = [...shared].filter((letter) => later.includes(letter)).join("");
  const inner = only(shared, batch);
  // Letters that only one side has and the result does not need are summed before multiplying, not after.
  const left = sumOver(a, [...only(a.labels, b.labels)].filter((letter) => !later.includes(letter)).join(""));
  const right = sumOver(
    b,
    [...only(b.labels, a.labels)].filter((letter) => !later.includes(letter)).join(""),
  );
  const rows = only(left.labels, shared);
  const columns = only(right.labels, shared);
  const sizeIn = (x: Labelled, letters: string) =>
    [...letters].map((letter) => x.tensor.shape[x.labels.indexOf(letter)]!);
  const batchSizes = sizeIn(left, batch);
  const [m, k, n] = [sizeIn(left, rows), sizeIn(left, inner), sizeIn(right, columns)];
  const x = arrange(left, batch + rows + inner).reshape([...batchSizes, sizeOf(m), sizeOf(k)]);
  const y = arrange(right, batch + inner + columns).reshape([...batchSizes, sizeOf(k), sizeOf(n)]);
  // Whole numbers have no matrix product: for them the sum of products is computed as it is written.
  const product = isFloat(x.dtype) ? x.matmul(y) : x.expandDims(-1).mul(y.expandDims(-3)).sum({ axis: -2 });
  return {
    tensor: product.reshape([...batchSizes, ...m, ...n]),
    labels: batch + rows + columns,
  };
}

function sumOver({ tensor, labels }: Labelled, letters: string): Labelled {
  if (letters === "") return { tensor, labels };
  const axis = [...letters].map((letter) => labels.indexOf(letter));
  return {
    tensor: tensor.sum({ axis }),
    labels: [...labels].filter((letter) => !letters.includes(letter)).join(""),
  };
}

function arrange<R extends Shape = Shape>({ tensor, labels }: Labelled, order: string): Tensor<R> {
  return order === labels
    ? asTensor(tensor)
    : tensor.permute([...order].map((letter) => labels.indexOf(letter)));
}
