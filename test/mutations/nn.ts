import { type Mutation, mutationsOf } from "./mutation.ts";

const layers = ["nn/layers.test.ts", "misuse/misuse.test.ts"];
const losses = ["nn/losses/ends.test.ts", "nn/losses/limits.test.ts", "nn/losses/properties.test.ts"];

export const nn: readonly Mutation[] = [
  ...mutationsOf("nn/src/losses/loss.ts", losses, [
    ["({ rank }) => rank > 1", "() => true"],
    ["a.rank !== b.rank || !a.shape.every(", "!a.shape.every("],
    ["factor.gate(losses)", "factor.mul(losses)"],
    ["counts === null ? factor : factor.mul(counts)", "factor"],
    ["samples.mean().div(each.mean())", "samples.mean()"],
    ["samples.mean().div(each.mean())", "samples.sum().div(each.sum())"],
  ]),
  ...mutationsOf("nn/src/losses/cross-entropy.ts", losses, [
    ["factor.gate(logits.logSoftmax().neg())", "factor.mul(logits.logSoftmax().neg())"],
    ["ofClasses.gate(logs)", "ofClasses.mul(logs)"],
    ["isIgnored.select(0, factor)", "factor"],
    ["labels: guarded(target, check), isIgnored: null", "labels: target, isIgnored: null"],
  ]),
  ...mutationsOf("nn/src/losses/neg-log-loss.ts", losses, [
    [".add(y.neg().add(1).gate(p.neg().log1p()))", ".add(y.neg().add(1).mul(p.neg().log1p()))"],
  ]),
  ...mutationsOf("nn/src/losses/cross-entropy-of-probabilities.ts", losses, [
    ["y.gate(p.log())", "y.mul(p.log())"],
  ]),
  ...mutationsOf("nn/src/losses/kl-divergence.ts", losses, [
    ["isNear.select(y.sub(p).div(p).log1p(), y.log().sub(p.log()))", "y.log().sub(p.log())"],
    ["isNear.select(y.sub(p).div(p).log1p(), y.log().sub(p.log()))", "y.sub(p).div(p).log1p()"],
  ]),
  ...mutationsOf("nn/src/losses/huber.ts", losses, [
    ["distance.lessEqual(delta).select(", "distance.lessEqual(0.9 * delta).select("],
  ]),
  ...mutationsOf("nn/src/losses/hinge.ts", losses, [
    ["p.mul(t).neg().add(1).relu()", "p.mul(t).neg().add(1).abs()"],
  ]),
  ...mutationsOf("nn/src/losses/focal.ts", losses, [["no.mul(-gamma)", "yes.mul(-gamma)"]]),
  ...mutationsOf("nn/src/losses/cosine-distance.ts", losses, [
    ["isZero.select(1, x.div(stopGradient(largest)))", "isZero.select(1, x)"],
  ]),
  ...mutationsOf("nn/src/losses/pinball.ts", losses, [["1 - Number.EPSILON / 2", "1"]]),
  ...mutationsOf(
    "nn/src/initializers.ts",
    ["nn/layers.test.ts"],
    [
      ["inputs: shape[1]! * window, outputs: shape[0]! * window", "inputs: shape[1]!, outputs: shape[0]!"],
      [
        "inputs: shape[1]! * window, outputs: shape[0]! * window",
        "inputs: shape[0]! * window, outputs: shape[1]! * window",
      ],
      ["low: -bound, high: bound", "low: 0, high: bound"],
      ["normally((inputs) => Math.sqrt(2 / inputs))", "normally((inputs) => Math.sqrt(1 / inputs))"],
      ["evenly((inputs) => Math.sqrt(6 / inputs))", "evenly((inputs) => Math.sqrt(3 / inputs))"],
      [
        "normally((inputs, outputs) => Math.sqrt(2 / (inputs + outputs)))",
        "normally((inputs, outputs) => 2 / (inputs + outputs))",
      ],
      ["uniform(key, shape, { dtype, low, high })", "uniform(key, shape, { low, high })"],
    ],
  ),
  ...mutationsOf("nn/src/layers/sequential.ts", layers, [
    ["result = layer.forward(result, options)", "result = layer.forward(result)"],
    ["      ...shared,\n", ""],
    ["key: own,", "key,"],
    ["activation: last ? outputActivation : activation", "activation"],
    ["outputActivation = activation, key", "outputActivation = linear, key"],
    ['=== Object.prototype.toString ? "layer"', '=== undefined ? "layer"'],
  ]),
  ...mutationsOf("nn/src/layers/dense.ts", layers, [
    ["variable(zeros([outputs], { dtype })", "variable(zeros([outputs])"],
    ["? zeros([1, this.outputs], { dtype: this.weight.dtype })", "? zeros([1, this.outputs])"],
    [
      "x.rank === 0 || x.shape.at(-1) !== this.inputs",
      "x.shape.at(-1) !== this.inputs",
      "a tensor of rank 0 has no last size, which is no number of inputs either",
    ],
    ["some((weight) => weight !== 0)", "some((weight) => weight > 0)"],
    [
      "this.weight.assign(matrix.slice([1]).detach());\n    this.bias?.assign(matrix.slice(0).detach());",
      "this.weight.assign(matrix.slice([1]).detach());",
    ],
  ]),
  ...mutationsOf("nn/src/layer.ts", layers, [
    ["(value) => value instanceof Variable", "(value) => value instanceof Variable && value.rank > 1"],
  ]),
  ...mutationsOf(
    "nn/src/optimizers/adam.ts",
    ["nn/optimizers.test.ts"],
    [
      ["beta2 === 0 ? 1 : started(beta2)", "started(beta1)"],
      [
        "beta1 === 0 ? 1 : started(beta1)",
        "started(beta1)",
        "expm1(−∞) is −1, so that what has started is 1",
      ],
      [".sqrt()\n      .add(epsilon)", ".add(epsilon)\n      .sqrt()"],
      ["gradient.square().mul(1 - beta2)", "gradient.square().mul(1 - beta1)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/optimizers/sgd.ts",
    ["nn/optimizers.test.ts"],
    [
      ["nesterov ? slope.add(kept.mul(momentum)) : kept", "kept"],
      ["gradient.add(value.mul(weightDecay))", "gradient.sub(value.mul(weightDecay))"],
      [".mul(momentum).add(slope));", ".mul(momentum).add(gradient));"],
    ],
  ),
  ...mutationsOf(
    "nn/src/optimizers/optimizer.ts",
    ["nn/optimizers.test.ts", "misuse/misuse.test.ts"],
    [
      ["return Object.freeze<Optimizer>({", "return ({"],
      ["if (each.grad === null) continue;", "if (each.grad === null) return;"],
      ["return value.detach();", "return value;"],
      ["known.set(which, present);", ""],
      ['full([], learningRate, { dtype: "float64" })', "full([], learningRate)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/activations.ts",
    ["nn/activations.test.ts", "misuse/misuse.test.ts"],
    [
      ["if (!(slope > 0))", "if (!(slope >= 0))"],
      ["range: [-0.2784645427610738, Infinity]", "range: [-0.2784, Infinity]"],
      ["psi: (y) => y.greater(0).select(1, y.add(1))", "psi: (y) => y.greater(0).select(1, y)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/inspect/backpropagation.ts",
    ["nn/lecture.test.ts", "nn/closed-form.test.ts", "misuse/misuse.test.ts"],
    [
      ["gradient.sums[l - 1]!", "gradient.sums[0]!"],
      ["loss(activations.at(-1)!, targets, options)", "loss(activations.at(-1)!, targets)"],
      ["x.rank === 1 ? target.expandDims(0) : target", "target"],
      ["if (isIterable(part)) return denseLayers(part);", ""],
    ],
  ),
];
