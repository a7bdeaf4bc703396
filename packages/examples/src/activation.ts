// A new activation function in one line: its derivatives of every order, its formula, where it is not smooth, and
// whether the lecture's ψ exists, all follow from the one statement. Then a network learns with it.

import { activation, compile, grad, randomKey, type Tensor, tensor } from "@adjoint/autograd";
import { adam, linear, meanSquaredError, mlp, relu, tanh, variables } from "@adjoint/nn";

// %% State it
// Mish (Misra 2019): x·tanh(softplus(x)).

const mish = activation("mish", (x) => x.mul(x.softplus().tanh()));

console.log(mish.toString());
console.log(`  derivative  ${mish.derivative}`);

// %% What is known about it
// ψ gives the derivative from the output alone. It exists where each output belongs to one slope. Mish falls and then
// rises, so one output can come from two inputs with two slopes, and there is none to give.

for (const { name, kinks, psi } of [mish, tanh, relu]) {
  const smooth = kinks.length === 0 ? "smooth everywhere" : `not smooth at x = ${kinks.join(", ")}`;
  console.log(
    `${name.padEnd(5)} ${smooth}; ψ(y) = ${psi?.toString() ?? "none: the slope is no function of the output"}`,
  );
}

// %% Values and derivatives of orders 1 to 3
// grad differentiates a function of one number; its result is a function that grad can differentiate again.

const first = grad((x: Tensor) => mish(x));
const second = grad((x: Tensor) => first(x));
const third = grad((x: Tensor) => second(x));

console.log("\n      x     mish(x)          ′          ″          ‴");
for (const at of [-3, -1, 0, 1, 3]) {
  const x: Tensor = tensor(at, { dtype: "float64" });
  const columns = [mish(x), first(x), second(x), third(x)].map((value) =>
    value.item().toFixed(6).padStart(10),
  );
  console.log(`${at.toString().padStart(7)}  ${columns.join(" ")}`);
}

// %% Use it
// Like any of the package's own. The network learns x³ − x on [−1.5, 1.5].

const x = tensor(Array.from({ length: 61 }, (_, i) => [i / 20 - 1.5]));
const target = x.pow(3).sub(x);
const model = mlp([1, 16, 1], { activation: mish, outputActivation: linear, key: randomKey(0) });
const optimizer = adam({ learningRate: 0.02 });

console.log();
const weights = variables(model);
const step = compile(() => optimizer.minimize(() => meanSquaredError(model.forward(x), target), weights));
for (let i = 0; i <= 600; i++) {
  const loss = step();
  if (i % 200 === 0)
    console.log(`after ${`${i}`.padStart(3)} steps: mean squared error ${loss.item().toFixed(6)}`);
}
