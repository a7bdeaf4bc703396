// The lecture's grounded example, number by number: a 2-2-1 network of logistic neurons sees one sample, sends its
// loss back, takes one step of learning rate 1, and predicts better. Then the same gradients from grad() and from the
// scalar engine, which have never heard of δ.

import { concat, grad, randomKey, type Scalar, scalar, type Tensor, tensor } from "@adjoint/autograd";
import { backpropagation, logistic, mlp, negLogLoss, sgd, variables } from "@adjoint/nn";

// The lecture prints three digits; in float64 the comparisons below agree to the last few bits.
const float64 = { dtype: "float64" } as const;

/** A named matrix as the lecture sets it: three digits, a row a line. */
function show(name: string, matrix: Tensor): void {
  const rows = matrix.rank === 2 ? (matrix.toArray() as number[][]) : [Array.from(matrix.data)];
  rows.forEach((row, i) => {
    // A zero times a negative number is −0, and would print its sign.
    const cells = row.map((value) => (value + 0).toFixed(3).padStart(7));
    console.log(`  ${(i === 0 ? name : "").padEnd(8)}${cells.join(" ")}`);
  });
}

// %% The network
// W(l) is the transfer matrix from layer l to the next; its row 0 belongs to the bias neuron. The sample's two features
// are 0 and 1, its target 1.

const model = mlp([2, 2, 1], { activation: logistic, dtype: "float64", key: randomKey(0) });
model[0]!.transferMatrix = tensor(
  [
    [0.4, 0.6],
    [0.7, -0.4],
    [-0.2, 0.3],
  ],
  float64,
);
model[1]!.transferMatrix = tensor([[-0.3], [0.5], [0.1]], float64);
const x = tensor([[0, 1]], float64);
const target = tensor([[1]], float64);

console.log("The network");
show("W(0)", model[0]!.transferMatrix);
show("W(1)", model[1]!.transferMatrix);

// %% Feedforward
// x(l+1) = φ(W(l)ᵀ x(l)), with a 1 put in front for the next layer's bias.

const before = backpropagation(model, x, target, negLogLoss);
const [input, hidden, output] = before.layers;

console.log("\nFeedforward: x(l+1) = φ(W(l)ᵀ x(l))");
show("x(0)", input!.x);
show("x(1)", hidden!.x);
show("ŷ", output!.x);
console.log(`  loss    ${before.loss.item().toFixed(3).padStart(7)}`);

// %% Backpropagation
// δ(2) = ψ(ŷ) ∘ ∂J/∂ŷ, which for a logistic neuron and this loss is ŷ − y; then δ(l−1) = ψ(x(l−1)) ∘ (W(l−1) δ(l)).
// The bias neuron has no inputs, so its δ is 0.

console.log("\nBackpropagation: δ(l−1) = ψ(x(l−1)) ∘ (W(l−1) δ(l))");
show("δ(2)", output!.delta!);
show("δ(1)", hidden!.delta!);

console.log("\nGradients: ∇(l−1) = x(l−1) δ(l)ᵀ, without the bias neuron's δ");
show("∇(1)", hidden!.gradient!);
show("∇(0)", input!.gradient!);

// %% The same from automatic differentiation
// grad() differentiates the loss as a function of both transfer matrices. Nobody told it a recursion: it replays the tape
// backwards, and the lecture's equations are what comes out.

// Columns, as in the lecture: x(0) with its bias neuron in front, and the bias neuron alone.
const bias = tensor([[1]], float64);
const column = tensor([[1], [0], [1]], float64);

function loss([w0, w1]: [Tensor, Tensor]): Tensor {
  const hiddenNeurons = w0.transpose().matmul(column).logistic();
  const prediction = w1
    .transpose()
    .matmul(concat([bias, hiddenNeurons]))
    .logistic();
  return negLogLoss(prediction, target);
}

const [byGrad0, byGrad1] = grad(loss)([input!.weight!, hidden!.weight!]);

// %% The same from the scalar engine
// Nine numbers, each a leaf of its own; the formulas as one writes them on paper.

const leaves = (matrix: Tensor): Scalar[] => Array.from(matrix.data, scalar);
const [w00, w01, w10, w11, w20, w21] = leaves(input!.weight!) as Six;
const [v0, v1, v2] = leaves(hidden!.weight!) as Three;
const [x1, x2] = [0, 1];

const h1 = w00.add(w10.mul(x1)).add(w20.mul(x2)).logistic();
const h2 = w01.add(w11.mul(x1)).add(w21.mul(x2)).logistic();
const prediction = v0.add(v1.mul(h1)).add(v2.mul(h2)).logistic();
prediction.log().neg().backward();

type Three = [Scalar, Scalar, Scalar];
type Six = [...Three, ...Three];

function furthest(ours: Tensor, others: ArrayLike<number>): number {
  return Math.max(...Array.from(ours.data, (value, i) => Math.abs(value - others[i]!)));
}
const gradsOf = (scalars: readonly Scalar[]) => scalars.map(({ grad }) => grad);

console.log("\nThe same gradients by other ways; the largest difference in any entry:");
const byScalars = [gradsOf([w00, w01, w10, w11, w20, w21]), gradsOf([v0, v1, v2])] as const;
const differences = {
  "grad() of the loss": Math.max(
    furthest(input!.gradient!, byGrad0.data),
    furthest(hidden!.gradient!, byGrad1.data),
  ),
  "the scalar engine": Math.max(
    furthest(input!.gradient!, byScalars[0]),
    furthest(hidden!.gradient!, byScalars[1]),
  ),
};
for (const [way, difference] of Object.entries(differences)) {
  console.log(`  ${way.padEnd(20)}${difference < 1e-15 ? "below 1e-15" : difference.toExponential(1)}`);
}

// %% The update
// W ← W − ρ∇ with ρ = 1. The optimizer steps on the layers' weights and biases, which are the transfer matrices' parts.

sgd({ learningRate: 1 }).minimize(() => negLogLoss(model.forward(x), target), variables(model));

console.log("\nUpdate: W(l) ← W(l) − ∇(l)");
show("W(0)", model[0]!.transferMatrix);
show("W(1)", model[1]!.transferMatrix);

console.log("\nFeedforward again");
show("ŷ", model.forward(x));

// %% Errata
// Two of the updated weights are printed wrongly in the slides. One can tell by computing on with them: only the
// corrected matrices lead to the prediction that the slides print, 0.722.

const asPrinted = mlp([2, 2, 1], { activation: logistic, dtype: "float64", key: randomKey(0) });
asPrinted[0]!.transferMatrix = tensor(
  [
    [0.46, 0.61],
    [0.7, -0.4],
    [0.46, 0.61],
  ],
  float64,
);
asPrinted[1]!.transferMatrix = tensor([[0.188], [0.769], [-0.447]], float64);

console.log(`
Errata: two of the slides' updated weights are misprinted
  W(0)'s last row is printed [0.460, 0.610]; it is [-0.140, 0.310]
  W(1)'s last entry is printed -0.447; it is 0.447
  The printed matrices would predict ${asPrinted.forward(x).item().toFixed(3)}; the corrected ones predict ${model.forward(x).item().toFixed(3)}, as the slides say.`);
