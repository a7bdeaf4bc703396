// Einstein's summation: letters name axes, and what the result does not name is summed. Reduced to permutes, sums
// and batched matrix products.

import { kindOf } from "../array/arguments.ts";
import { isFloat } from "../array/dtype.ts";
import { inNameOf, ShapeError } from "../array/errors.ts";
import { shapeText, sizeOf } from "../array/shape.ts";
import { checkTensor, type Tensor } from "./tensor.ts";

interface Labelled {
  readonly tensor: Tensor;
  readonly labels: string;
}

/**
 * `einsum("ij,jk->ik", a, b)`: axes of equal letters are multiplied together, those the result does not name are
 * summed. Without "->" the result names, in alphabetical order, the letters that occur once.
 * A letter may not occur twice in one operand. Throws ShapeError where letters and axes don't match or sizes differ.
 */
export function einsum(equation: string, ...tensors: readonly Tensor[]): Tensor {
  const { inputs, output } = parse(equation, tensors);
  const sizes = sizesOf(equation, inputs, tensors);
  for (const letter of output) {
    if (!sizes.has(letter))
      throw new ShapeError(
        `einsum: "${equation}": the result names ${letter}, which no operand has; name only axes of operands`,
      );
  }
  return inNameOf("einsum", () => {
    let result: Labelled = { tensor: tensors[0]!, labels: inputs[0]! };
    for (let i = 1; i < tensors.length; i++) {
      const later = inputs.slice(i + 1).join("") + output;
      result = contract(result, { tensor: tensors[i]!, labels: inputs[i]! }, later);
    }
    return arrange(
      sumOver(result, [...result.labels].filter((letter) => !output.includes(letter)).join("")),
      output,
    );
  });
}

function parse(equation: string, tensors: readonly Tensor[]): { inputs: string[]; output: string } {
  if (typeof equation !== "string")
    throw new TypeError(
      `einsum: got ${kindOf(equation)} where the equation belongs; it comes first: einsum("ij,jk->ik", a, b)`,
    );
  for (const each of tensors) checkTensor("einsum", each);
  const match = /^([A-Za-z]*(?:,[A-Za-z]*)*)(?:->([A-Za-z]*))?$/.exec(equation.replaceAll(" ", ""));
  if (match === null)
    throw new ShapeError(
      `einsum: "${equation}" is no equation; write letters for axes, commas between operands and "->" before the result: "ij,jk->ik"`,
    );
  const inputs = match[1]!.split(",");
  if (inputs.length !== tensors.length)
    throw new ShapeError(
      `einsum: "${equation}" names ${inputs.length} operands and got ${tensors.length}; commas separate operands, one a tensor`,
    );
  const all = inputs.join("");
  const once = [...new Set(all)].filter((letter) => all.split(letter).length === 2).sort();
  const output = match[2] ?? once.join("");
  for (const labels of [...inputs, output]) {
    if (new Set(labels).size !== labels.length)
      throw new ShapeError(
        `einsum: "${equation}": "${labels}" names an axis twice; for a diagonal, multiply by eye(n) and sum`,
      );
  }
  return { inputs, output };
}

function sizesOf(
  equation: string,
  inputs: readonly string[],
  tensors: readonly Tensor[],
): Map<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    const { shape } = tensors[i]!;
    if (labels.length !== shape.length)
      throw new ShapeError(
        `einsum: "${equation}": "${labels}" names ${labels.length} axes of ${shapeText(shape)}, which has ${shape.length}; give one letter an axis`,
      );
    [...labels].forEach((letter, axis) => {
      const known = sizes.get(letter);
      if (known !== undefined && known !== shape[axis])
        throw new ShapeError(
          `einsum: "${equation}": ${letter} is ${known} in one operand and ${shape[axis]} in another; axes of one letter must be equally long`,
        );
      sizes.set(letter, shape[axis]!);
    });
  });
  return sizes;
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

function arrange({ tensor, labels }: Labelled, order: string): Tensor {
  return order === labels ? tensor : tensor.permute([...order].map((letter) => labels.indexOf(letter)));
}
