// # One neuron
//
// A neuron weighs its inputs, adds a bias and sends the sum through an activation:
//
// $$\hat y = \varphi(\mathbf w^\top \mathbf x), \qquad \mathbf x = [1, x_1, \ldots, x_d]^\top.$$
//
// The 1 in front belongs to the bias. If $\varphi$ is a step or the sign, the neuron is a linear classifier; if it is
// continuous, the neuron is a regressor. In 1962 Rosenblatt taught one by the perceptron algorithm, and in 1969 Minsky
// and Papert showed what no way of teaching can bring it to learn. The lecture sums it up: “Linearly separable cases only!
// It cannot even do XOR.”
//
// What does a neuron learn, what does the perceptron algorithm do where there is nothing to be found, and what does
// gradient descent do there?

import {
  compile,
  grad,
  hessian,
  linspace,
  normal,
  randomKey,
  type Tensor,
  tensor,
  zeros,
} from "@adjoint/autograd";
import { eigh, lstsq } from "@adjoint/linalg";
import {
  type Dense,
  dense,
  linear,
  logistic,
  meanSquaredError,
  negLogLoss,
  sgd,
  sign,
  variables,
} from "@adjoint/nn";
import { chart, fast, finding, group, seed, show, table } from "@adjoint/notebook";
import { boundary, dots, field } from "./shown/field.ts";

const key = randomKey(seed(1));

// %% The problems
// Two inputs that are 0 or 1, and two gates to learn. AND is 1 at one corner of the square, XOR at two opposite ones.

const corners = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;
const gates = { AND: [0, 0, 0, 1], XOR: [0, 1, 1, 0] } as const;
type Gate = keyof typeof gates;

show(
  table(
    corners.map(([a, b], i) => ({ "x₁": a, "x₂": b, AND: gates.AND[i], XOR: gates.XOR[i] })),
    { title: "The two gates" },
  ),
);

const cornersOf = (gate: Gate) =>
  ([0, 1] as const).map((answer) =>
    dots(
      `answer ${answer}`,
      corners.filter((_, i) => gates[gate][i] === answer),
    ),
  );

// %% A classifier and a regressor
// The same weights, $\mathbf w = [-1.5, 1, 1]^\top$, with two activations. Both draw the same straight line, where the
// weighted sum is 0. The sign has nothing but the line; the logistic function also says how far from it a point lies.

const weights = tensor([[-1.5], [1], [1]]);
function neuronOf(activation: typeof sign): Dense {
  const neuron = dense(2, 1, { activation, key });
  neuron.transferMatrix = weights;
  return neuron;
}
const square = { domain: [-0.5, 1.5], label: "ŷ" } as const;

show(
  group(
    [
      field(neuronOf(sign), {
        ...square,
        title: "φ = sign: a classifier",
        range: [-1, 1],
        over: cornersOf("AND"),
      }),
      field(neuronOf(logistic), { ...square, title: "φ = logistic: a regressor", over: cornersOf("AND") }),
    ],
    { arrangement: "row" },
  ),
);

// %% The perceptron algorithm
// It takes one sample after the other. Where the answer is wrong, the weights move towards the right one, $\mathbf w
// \leftarrow \mathbf w + \tfrac12 (y - \hat y)\,\mathbf x$ with $y = \pm 1$: the misjudged sample is added or subtracted. A
// pass over all samples without a mistake ends it. Everything begins at $\mathbf w = \mathbf 0$, so the weights stay whole
// numbers.

interface Pass {
  readonly weights: readonly [number, number, number];
  readonly mistakes: number;
}

function perceptron(gate: Gate, mostPasses: number): readonly Pass[] {
  let w: Tensor = zeros([3]);
  const passes: Pass[] = [];
  while (passes.length < mostPasses) {
    let mistakes = 0;
    for (const [i, [a, b]] of corners.entries()) {
      const x = tensor([1, a, b]);
      const error = 2 * gates[gate][i]! - 1 - sign(x.dot(w)).item();
      if (error !== 0) mistakes++;
      w = w.add(x.mul(error / 2));
    }
    const [bias, first, second] = w.data as unknown as [number, number, number];
    passes.push({ weights: [bias, first, second], mistakes });
    if (mistakes === 0) break;
  }
  return passes;
}

const tableOf = (gate: Gate, passes: readonly Pass[]) =>
  table(
    passes.map(({ weights: [w0, w1, w2], mistakes }, i) => ({
      pass: i + 1,
      "w₀": w0,
      "w₁": w1,
      "w₂": w2,
      mistakes,
    })),
    { title: `${gate}, pass by pass` },
  );

// %% It learns AND
// The line moves with each pass until it has the corner (1, 1) for itself. Rosenblatt's theorem says that this ends: if some
// weights $\mathbf w^*$ of length 1 answer every sample with a margin of at least $\gamma$, there are at most $(R /
// \gamma)^2$ mistakes, where $R$ is the length of the longest $\mathbf x$. (The proof in this form is Novikoff's, 1962.) The
// weights above have a margin, which gives a bound.

const and = perceptron("AND", 100);
show(tableOf("AND", and));

show(
  chart(
    [...and.map((pass, i) => boundary(`pass ${i + 1}`, pass.weights, [-0.5, 2.5])), ...cornersOf("AND")],
    {
      title: "AND: the line after each pass",
      x: { label: "x₁", domain: [-0.5, 2.5] },
      y: { label: "x₂", domain: [-0.5, 2.5] },
    },
  ),
);

const samples = corners.map(([a, b]) => tensor([1, a, b]));
const norm = (x: Tensor) => Math.sqrt(x.square().sum().item());
const separator = weights.reshape([3]);
const margin = Math.min(...samples.map((x) => Math.abs(x.dot(separator).item()) / norm(separator)));
const bound = (Math.max(...samples.map(norm)) / margin) ** 2;
const mistakes = and.reduce((sum, pass) => sum + pass.mistakes, 0);
show(
  table([{ "mistakes made": mistakes, "mistakes at most": bound }], {
    title: "Rosenblatt's theorem, for AND",
  }),
);

// %% It goes on for ever with XOR
// No line has two opposite corners on one side and the other two on the other, so there is no pass without a mistake. That
// the algorithm never ends can be seen after a few passes: the weights come back to what they were at the end of an earlier
// pass. What comes next depends on nothing else, so it comes again and again.

const xor = perceptron("XOR", fast ? 10 : 1000);
const same = (a: Pass, b: Pass) => a.weights.every((weight, i) => weight === b.weights[i]);
const again = xor.findIndex((pass, i) => xor.slice(0, i).some((earlier) => same(pass, earlier)));
const period = again - xor.findIndex((pass) => same(pass, xor[again]!));
show(tableOf("XOR", xor.slice(0, again + 2)));

// %% Gradient descent with the same neuron
// A logistic neuron with the negative log-loss $J = -y \log \hat y - (1 - y) \log(1 - \hat y)$ can be taught by descent, $\mathbf
// w \leftarrow \mathbf w - \rho\, \partial J / \partial \mathbf w$, on all four samples at once. For AND the loss falls towards 0
// as the weights grow. For XOR it stops at $\ln 2$: the loss of a coin.

const inputs = tensor(corners);
const targetsOf = (gate: Gate) => tensor(gates[gate].map((answer) => [answer]));

const steps = fast ? 500 : 10_000;
/** Steps that lie evenly on a logarithmic axis. */
const looks = [...new Set(Array.from({ length: 100 }, (_, i) => Math.round(steps ** (i / 99))))];

function descend(gate: Gate) {
  const neuron = dense(2, 1, { activation: logistic, key });
  const descent = sgd({ learningRate: 1 });
  const targets = targetsOf(gate);
  const step = compile(() =>
    descent.minimize(() => negLogLoss(neuron.forward(inputs), targets), variables(neuron)),
  );
  const losses: number[] = [];
  const sizes: number[] = [];
  for (let i = 1; i <= steps; i++) {
    const size = norm(neuron.transferMatrix);
    const loss = step().item();
    if (!looks.includes(i)) continue;
    losses.push(loss);
    sizes.push(size);
  }
  return { neuron, losses, sizes };
}

const byDescent = { AND: descend("AND"), XOR: descend("XOR") };
show(
  chart(
    [
      { mark: "line", name: "AND", x: looks, y: byDescent.AND.losses },
      { mark: "line", name: "XOR", x: looks, y: byDescent.XOR.losses },
      { mark: "rule", name: "ln 2", at: Math.LN2, across: "y" },
    ],
    {
      title: "One neuron, by descent",
      x: { label: "step", scale: "log" },
      y: { label: "loss", unit: "nats" },
    },
  ),
);
show(
  chart(
    [
      { mark: "line", name: "AND", x: looks, y: byDescent.AND.sizes },
      { mark: "line", name: "XOR", x: looks, y: byDescent.XOR.sizes },
    ],
    { title: "How large the weights become", x: { label: "step", scale: "log" }, y: "‖w‖" },
  ),
);
show(
  group(
    [
      field(byDescent.AND.neuron, { ...square, title: "AND after descent", over: cornersOf("AND") }),
      field(byDescent.XOR.neuron, {
        ...square,
        title: "XOR after descent: ½ everywhere",
        over: cornersOf("XOR"),
      }),
    ],
    { arrangement: "row" },
  ),
);

// %% Why ln 2
// At $\mathbf w = \mathbf 0$ every answer is ½, and the gradient, the mean of $(\hat y - y)\,\mathbf x$, is 0: what the two 0s
// ask for, the two 1s refuse. The loss is convex in the weights, since its Hessian, the mean of $\hat y (1 - \hat y)\,\mathbf x
// \mathbf x^\top$, has no negative eigenvalue anywhere; at $\mathbf 0$ all three are above 0. So this is the only minimum, and
// descent must end there: at the loss $-\log \tfrac12 = \ln 2 \approx 0.693$.

const augmented = tensor(
  corners.map(([a, b]) => [1, a, b]),
  { dtype: "float64" },
);
const xorTargets = tensor([[0], [1], [1], [0]], { dtype: "float64" });
const lossOf = (w: Tensor) => negLogLoss(logistic(augmented.matmul(w.reshape([3, 1]))), xorTargets);
const nothing = zeros([3], { dtype: "float64" });
const eigenvalues = Array.from(eigh(hessian(lossOf)(nothing)).values.data);
const slopeAtNothing = norm(grad(lossOf)(nothing));
show(
  table(
    [
      {
        "‖∂J/∂w‖ at 0": slopeAtNothing,
        ...Object.fromEntries(eigenvalues.map((each, i) => [`eigenvalue ${i + 1}`, each])),
      },
    ],
    {
      title: "XOR's loss where all weights are 0",
    },
  ),
);

// %% A regressor
// What one neuron can learn exactly is a straight line. A stone falls with the speed $v = g t$; a linear neuron sees 61 measured
// speeds, each with an error of about 1 m/s, and descends on the mean squared error. What it ends with is what least squares
// gives in closed form.

const t = linspace(0, 3, 61).reshape([61, 1]);
const measured = t.mul(9.81).add(normal(key, [61, 1]));
const regressor = dense(1, 1, { activation: linear, key });
const descent = sgd({ learningRate: 0.1 });
const step = compile(() =>
  descent.minimize(() => meanSquaredError(regressor.forward(t), measured), variables(regressor)),
);
for (let i = 0; i < 500; i++) step();

const design = tensor(
  Array.from(t.data, (time) => [1, time]),
  { dtype: "float64" },
);
const exact = lstsq(design, measured.cast("float64"));
const [learned, closed] = [regressor.transferMatrix, exact].map((each) => Array.from(each.data)) as [
  number[],
  number[],
];
show(
  chart(
    [
      { mark: "dots", name: "measured", x: t, y: measured },
      { mark: "line", name: "the neuron", x: t, y: regressor.forward(t) },
    ],
    {
      title: "A linear neuron as a regressor",
      x: { label: "time", unit: "s" },
      y: { label: "speed", unit: "m/s" },
    },
  ),
);
show(
  table(
    [
      { by: "descent", "w₀, m/s": learned[0], "w₁, m/s²": learned[1] },
      { by: "least squares", "w₀, m/s": closed[0], "w₁, m/s²": closed[1] },
    ],
    { digits: 6 },
  ),
);

// %% What was found
// The perceptron algorithm learns AND in a few passes, with far fewer mistakes than its theorem allows. With XOR it returns to
// weights that it has had, so it never ends. Descent ends on XOR, at the loss of a coin, having learned that all weights should
// be 0; on AND the loss goes on falling and has no least value, since larger weights are always better.
//
// Not found: any first weights, rate or number of steps with which one neuron learns XOR. There are none.

finding("passes until AND is learned", and.length, { expected: 6, spread: 0 });
finding("passes after which the weights for XOR come back", period, { expected: 1, spread: 0 });
finding("XOR: loss above ln 2 after descent", byDescent.XOR.losses.at(-1)! - Math.LN2, {
  expected: 0,
  spread: 1e-6,
  unit: "nats",
});
finding("XOR: the smallest eigenvalue of the loss's Hessian at 0", eigenvalues[0]!, {
  expected: 0.0392,
  spread: 0.0001,
});
finding("AND: loss after descent", byDescent.AND.losses.at(-1)!, {
  expected: 0.002,
  spread: 0.001,
  unit: "nats",
});
finding("g, from speeds measured with an error of 1 m/s", learned[1]!, {
  expected: 9.81,
  spread: 0.45,
  unit: "m/s²",
});
finding(
  "descent's distance from least squares",
  Math.max(...learned.map((each, i) => Math.abs(each - closed[i]!))),
  {
    expected: 0,
    spread: 1e-4,
  },
);
