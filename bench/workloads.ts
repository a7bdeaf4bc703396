// What is measured: sizes, and the least arithmetic and memory traffic that each can do with.
//
// Operations count multiplications and additions of matrix products (2·m·k·n each), forward and backward; the gradient
// of a network's input is not asked for and not counted. Elementwise work is counted where it is all there is. Bytes
// are compulsory traffic: what a step must read and write once, were everything between kept in registers.

export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly flops: number;
  readonly bytes: number;
  /** How they were counted. */
  readonly count: string;
}

export const RATE = { S1: 0.05, X1: 0.5, M1: 0.1, M2: 0.001, C1: 0.05 } as const;
export const MLP: readonly number[] = [784, 256, 128, 10];
export const XOR: readonly number[] = [2, 2, 1];
export const SCALAR: readonly number[] = [2, 16, 16, 1];
export const POINTS = 100;
export const ELEMENTS = 1_000_000;
export const WIDE = { batch: 32, inputs: 64, classes: 50_000 } as const;
export const BATCH = { M1: 64, M2: 512, H1: 64, C1: 32 } as const;
export const MATMUL: readonly number[] = [64, 128, 256, 512, 1024, 2048];

const products = (widths: readonly number[]) =>
  widths.slice(1).reduce((sum, outputs, i) => sum + widths[i]! * outputs, 0);
const parameters = (widths: readonly number[]) =>
  products(widths) + widths.slice(1).reduce((sum, n) => sum + n, 0);

/** Forward, weight gradients, and input gradients of all layers but the first. */
const training = (widths: readonly number[], batch: number) =>
  2 * batch * (3 * products(widths) - widths[0]! * widths[1]!);

const all = products(MLP);
const later = all - MLP[0]! * MLP[1]!;

export const WORKLOADS: readonly Workload[] = [
  {
    name: "S1",
    title: `micrograd's demonstration: MLP 2-16-16-1 of single numbers, relu, ${POINTS} moons, max-margin loss, SGD step`,
    flops: POINTS * 6 * products(SCALAR),
    bytes: 16 * parameters(SCALAR),
    count: "6 a weight and point (float64); parameters read and written",
  },
  {
    name: "X1",
    title: "XOR: MLP 2-2-1, logistic, batch 4, SGD step",
    flops: training(XOR, 4),
    bytes: 8 * parameters(XOR),
    count: "products; parameters read and written",
  },
  {
    name: "M1",
    title: "MLP 784-256-128-10, relu, cross-entropy of labels, batch 64, SGD step",
    flops: training(MLP, BATCH.M1),
    bytes: 8 * parameters(MLP) + 4 * BATCH.M1 * 784,
    count: "products; parameters read and written, input read",
  },
  {
    name: "M2",
    title: "MLP 784-256-128-10, relu, cross-entropy of labels, batch 512, Adam step",
    flops: training(MLP, BATCH.M2),
    bytes: 24 * parameters(MLP) + 4 * BATCH.M2 * 784,
    count: "products; parameters and both moments read and written, input read",
  },
  ...MATMUL.map((n) => ({
    name: `G1-${n}`,
    title: `matrix product ${n}×${n}`,
    flops: 2 * n ** 3,
    bytes: 12 * n ** 2,
    count: "2n³; three matrices",
  })),
  {
    name: "E1",
    title: "sum(gelu(x·w + b)), a million elements each, tanh form: value and gradients of x, w, b",
    flops: 45 * ELEMENTS,
    bytes: 24 * ELEMENTS,
    count: "45 an element, 20 of them for tanh; three vectors read, three written",
  },
  {
    name: "K1",
    title:
      "linear 64 → 50,000 with bias and cross-entropy of labels, batch 32: value, gradients of weight, bias, input",
    flops: 6 * WIDE.batch * WIDE.inputs * WIDE.classes,
    bytes: 8 * WIDE.classes * (WIDE.inputs + 1),
    count: "three products; weight and bias read, their gradients written",
  },
  {
    name: "H1",
    title: "Hessian of M1's loss, all parameters, times a vector",
    // Forward, its tangent; deltas, their tangents; the tangents of the weights' gradients.
    flops: 2 * BATCH.H1 * (3 * all + 5 * later),
    bytes: 12 * parameters(MLP) + 4 * BATCH.H1 * 784,
    count: "products of forward over reverse; parameters and vector read, result written",
  },
  {
    name: "C1",
    title:
      "28×28: 3×3 convolution to 8, relu, pool 2, to 16, relu, pool 2, dense 10, batch 32, cross-entropy, SGD step",
    flops: BATCH.C1 * 2 * (2 * 784 * 8 * 9 + 3 * 196 * 16 * 72 + 3 * 784 * 10),
    bytes: 8 * (80 + 1168 + 7850) + 4 * BATCH.C1 * 784,
    count: "products; parameters read and written, input read",
  },
];
