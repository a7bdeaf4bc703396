// # The grounded example
//
// The lecture works one example through with numbers: a network of 2, 2 and 1 logistic neurons sees one sample, sends its loss back, takes one
// step with the learning rate $\rho = 1$, and predicts better. Its rules, for layer $l$ with the bias neuron's 1 in front:
//
// $$\mathbf x^{(l+1)} = \varphi(\mathbb W^{(l)\top} \mathbf x^{(l)}), \qquad
// \boldsymbol\delta^{(l-1)} = \psi(\mathbf x^{(l-1)}) \circ (\mathbb W^{(l-1)} \boldsymbol\delta^{(l)}), \qquad
// \nabla^{(l-1)} = \mathbf x^{(l-1)} \boldsymbol\delta^{(l)\top}, \qquad
// \mathbb W \leftarrow \mathbb W - \rho \nabla.$$
//
// Does automatic differentiation, which has never heard of $\delta$, give the same numbers? And are those on the slides right?

import { concat, grad, randomKey, type Scalar, scalar, type Tensor, tapeOf, tensor } from "@adjoint/autograd";
import { backpropagation, logistic, mlp, negLogLoss, sgd, variables } from "@adjoint/nn";
import { finding, show, table } from "@adjoint/notebook";

// The slides print three digits; in float64 the comparisons below agree to the last few bits.
const float64 = { dtype: "float64" } as const;

// %% The network
// $\mathbb W^{(l)}$ is the transfer matrix from layer $l$ to the next; its row 0 belongs to the bias neuron. The sample's two features are 0 and
// 1, its target 1.

const w0 = tensor(
  [
    [0.4, 0.6],
    [0.7, -0.4],
    [-0.2, 0.3],
  ],
  float64,
);
const w1 = tensor([[-0.3], [0.5], [0.1]], float64);

function networkOf(first: Tensor, second: Tensor) {
  const model = mlp([2, 2, 1], { activation: logistic, dtype: "float64", key: randomKey(0) });
  model[0]!.transferMatrix = first;
  model[1]!.transferMatrix = second;
  return model;
}
const model = networkOf(w0, w1);
const x = tensor([[0, 1]], float64);
const target = tensor([[1]], float64);

show(w0, { title: "W(0)", as: "table" });
show(w1, { title: "W(1)", as: "table" });

// %% Forward and back
// One call makes what the lecture makes on three slides. In the drawing, activations stand in the neurons and δ beside them, weights and their
// gradients on the arrows. In the graph of the computation the same numbers stand at the edges: $\mathbf x$ and $\mathbb W$ on the way to the loss,
// $\boldsymbol\delta$ and $\nabla$ on the way back.

const before = backpropagation(model, x, target, negLogLoss);
show(before, { title: "The grounded example", digits: 3 });

// %% As the lecture prints it
// Three digits each, in the order of the slides. $\delta_0$ of the bias neuron is 0: it has no weighted sum.

const [input, hidden, output] = before.layers as [
  (typeof before.layers)[number],
  (typeof before.layers)[number],
  (typeof before.layers)[number],
];
const numbersOf = (matrix: Tensor) => Array.from(matrix.data, (value) => value + 0); // −0 + 0 is 0.
const quantities = {
  "x(0)": input.x,
  "x(1)": hidden.x,
  ŷ: output.x,
  "δ(2)": output.delta!,
  "δ(1)": hidden.delta!,
  "∇(1)": hidden.gradient!,
  "∇(0)": input.gradient!,
};
show(
  table(
    Object.entries(quantities).map(([quantity, matrix]) => ({
      quantity,
      "row by row": numbersOf(matrix)
        .map((value) => value.toFixed(3))
        .join("  "),
    })),
    { title: `Loss ${before.loss.item().toFixed(3)}` },
  ),
);

// %% By automatic differentiation
// `grad` differentiates the loss as a function of both transfer matrices. Nobody told it a recursion: it goes back along the steps that were
// computed, and the lecture's equations are what comes out.

// Columns, as in the lecture: x(0) with its bias neuron in front, and the bias neuron alone.
const column = tensor([[1], [0], [1]], float64);
const bias = tensor([[1]], float64);

function loss([first, second]: [Tensor, Tensor]): Tensor {
  const hiddenNeurons = first.transpose().matmul(column).logistic();
  const augmented = concat([bias, hiddenNeurons]);
  return negLogLoss(second.transpose().matmul(augmented).logistic(), target);
}
const byGrad = grad(loss)([w0, w1]).map(numbersOf);

show(tapeOf(negLogLoss(model.forward(x), target)), { title: "What was computed, and goes back", model });

// %% By the scalar engine
// Nine numbers, each a leaf of its own, and the formulas as one writes them on paper.

const leaves = (matrix: Tensor): Scalar[] => Array.from(matrix.data, scalar);
const [w00, w01, w10, w11, w20, w21] = leaves(w0) as [Scalar, Scalar, Scalar, Scalar, Scalar, Scalar];
const [v0, v1, v2] = leaves(w1) as [Scalar, Scalar, Scalar];
const [x1, x2] = [0, 1];

const h1 = w00.add(w10.mul(x1)).add(w20.mul(x2)).logistic();
const h2 = w01.add(w11.mul(x1)).add(w21.mul(x2)).logistic();
const prediction = v0.add(v1.mul(h1)).add(v2.mul(h2)).logistic();
prediction.log().neg().backward();
const gradsOf = (scalars: readonly Scalar[]) => scalars.map((each) => each.grad);
const byScalars = [gradsOf([w00, w01, w10, w11, w20, w21]), gradsOf([v0, v1, v2])];

// %% By the lecture's recursion
// The equations at the top, in plain arithmetic: numbers in arrays and nothing else.

const sigma = (z: number) => 1 / (1 + Math.exp(-z));
const psi = (y: number) => y * (1 - y);
const [W, V] = [w0.toArray() as number[][], w1.toArray() as number[][]];
const x0 = [1, x1, x2];
const activations = [1, ...[0, 1].map((j) => sigma(x0.reduce((sum, each, i) => sum + each * W[i]![j]!, 0)))];
const answer = sigma(activations.reduce((sum, each, i) => sum + each * V[i]![0]!, 0));
const delta2 = answer - 1;
const delta1 = activations.map((each, i) => psi(each) * V[i]![0]! * delta2).slice(1);
const byRecursion = [
  x0.flatMap((each) => delta1.map((delta) => each * delta)),
  activations.map((each) => each * delta2),
];

// %% Four ways, one answer
// The largest difference of any entry from what `backpropagation` gave.

const gradients = [numbersOf(input.gradient!), numbersOf(hidden.gradient!)];
const furthest = (others: readonly (readonly number[])[]) =>
  Math.max(...gradients.flatMap((matrix, l) => matrix.map((value, i) => Math.abs(value - others[l]![i]!))));
const differences = {
  "grad of the loss": furthest(byGrad),
  "the scalar engine": furthest(byScalars),
  "the lecture's recursion": furthest(byRecursion),
};
show(
  table(
    Object.entries(differences).map(([way, difference]) => ({ way, "largest difference": difference })),
    { title: "∇(0) and ∇(1) by other ways" },
  ),
);

// %% The update
// $\mathbb W \leftarrow \mathbb W - \rho \nabla$ with $\rho = 1$. The optimizer changes the layers' weights and biases, which are the parts of the transfer
// matrices.

sgd({ learningRate: 1 }).minimize(() => negLogLoss(model.forward(x), target), variables(model));
const after = backpropagation(model, x, target, negLogLoss);
const updated = after.layers.slice(0, 2).map(({ weight }) => weight!);
show(
  table(
    updated.flatMap((matrix, l) =>
      (matrix.toArray() as number[][]).map((row, i) => ({
        matrix: i === 0 ? `W(${l})` : "",
        row: i,
        updated: row.map((value) => value.toFixed(3)).join("  "),
      })),
    ),
    { title: `The new prediction is ${after.prediction.item().toFixed(3)}` },
  ),
);

// %% Errata
// Two of the slides' updated weights are misprinted. One can tell by computing on with them: only the corrected matrices lead to the prediction that
// the slides print, 0.722.

const printed = networkOf(
  tensor(
    [
      [0.46, 0.61],
      [0.7, -0.4],
      [0.46, 0.61],
    ],
    float64,
  ),
  tensor([[0.188], [0.769], [-0.447]], float64),
);
const three = (values: ArrayLike<number>) => Array.from(values, (value) => value.toFixed(3)).join(", ");
show(
  table(
    [
      { where: "updated W(0), last row", printed: "0.460, 0.610", right: three(updated[0]!.slice(2).data) },
      { where: "updated W(1), last entry", printed: "-0.447", right: three(updated[1]!.slice(2).data) },
      {
        where: "the prediction they lead to",
        printed: three(printed.forward(x).data),
        right: three(after.prediction.data),
      },
    ],
    { title: "Misprints", note: "The other slips of the slides are listed in docs/lecture.md." },
  ),
);

// %% What was found
// Every number on the slides is right to its three digits, but for two updated weights. The recursion, reverse-mode differentiation of tensors, the
// scalar engine and the layers' own trace agree to the last bits.

finding("ŷ before", before.prediction.item(), { expected: 0.5115009582452517, spread: 1e-15 });
finding("ŷ after one step", after.prediction.item(), { expected: 0.7218744558656254, spread: 1e-15 });
finding("ŷ after the step as it is printed", printed.forward(x).item(), { expected: 0.597, spread: 0.0005 });
for (const [way, difference] of Object.entries(differences))
  finding(`largest difference from ${way}`, difference, { expected: 0, spread: 1e-15 });
