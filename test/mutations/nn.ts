import { type Mutation, mutationsOf } from "./mutation.ts";

const layers = ["nn/layers.test.ts", "misuse/misuse.test.ts"];
const losses = ["nn/losses/ends.test.ts", "nn/losses/limits.test.ts", "nn/losses/properties.test.ts"];

const definitions = ["nn/optimizers/definitions.test.ts"];
const steps = [
  ...["steps", "chains", "gradients"].map((name) => `nn/optimizers/${name}.test.ts`),
  "misuse/misuse.test.ts",
];

export const nn: readonly Mutation[] = [
  ...mutationsOf("nn/src/arguments.ts", losses, [
    ["x.rank === shape.length && shape.every(", "shape.every("],
  ]),
  ...mutationsOf("nn/src/losses/loss.ts", losses, [
    ["({ rank }) => rank > 1", "() => true"],
    ["factor.gate(losses)", "factor.mul(losses)"],
    ["counts === null ? factor : factor.mul(counts)", "factor"],
    ["samples.mean().div(mean)", "samples.mean()"],
    ["samples.mean().div(mean)", "samples.sum().div(each.sum())"],
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
    ["nn/layers.test.ts", "nn/initializers.test.ts"],
    [
      ["inputs: shape[1]! * window, outputs: shape[0]! * window", "inputs: shape[1]!, outputs: shape[0]!"],
      [
        "inputs: shape[1]! * window, outputs: shape[0]! * window",
        "inputs: shape[0]! * window, outputs: shape[1]! * window",
      ],
      ["low: -limit(fans), high: limit(fans)", "low: 0, high: limit(fans)"],
      ["normally(({ inputs }) => Math.sqrt(2 / inputs))", "normally(({ inputs }) => Math.sqrt(1 / inputs))"],
      ["evenly(({ inputs }) => Math.sqrt(3 / inputs))", "evenly(({ inputs }) => Math.sqrt(6 / inputs))"],
      ["uniform(key, shape, { dtype, low, high })", "uniform(key, shape, { low, high })"],
      ["lower: -cut, upper: cut })", "lower: -cut })"],
    ],
  ),
  ...mutationsOf(
    "nn/src/orthogonal.ts",
    ["nn/initializers.test.ts"],
    [
      ["first < second ? q", "first <= second ? q", "a square matrix may be transposed"],
      ["x.square().sum().sqrt()", "x.square().mean().sqrt()"],
    ],
  ),
  ...mutationsOf(
    "nn/src/gain.ts",
    ["nn/initializers.test.ts"],
    [
      ["[...ends, ...kinks]", "[...ends]"],
      ["phi(z) ** 2", "Math.abs(phi(z))"],
    ],
  ),
  ...mutationsOf(
    "nn/src/layers/batch-norm.ts",
    ["nn/every-layer.test.ts", "nn/refused.test.ts"],
    [
      ["variance.mul(count / (count - 1))", "variance"],
      ["if (count === 1)", "if (count === 0)"],
      ["filter((axis) => axis !== 1)", "filter((axis) => axis === 0)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/layers/dropout.ts",
    ["nn/refused.test.ts", "nn/every-layer.test.ts"],
    [
      ["kept === 0 ? 0 : 1 / kept", "1"],
      ["options.training !== true || rate === 0", "rate === 0"],
      [".select(scaled, 0)", ".cast(x.dtype).mul(scaled)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/layers/adaptive-pooling.ts",
    ["nn/every-layer.test.ts"],
    [
      ["Math.ceil(((i + 1) * n) / m)", "Math.floor(((i + 1) * n) / m)"],
      ["windows.sum({ axis }).div(counts())", "windows.mean({ axis })"],
      ["isInside.select(windows, outside(x.dtype))", "windows"],
    ],
  ),
  ...mutationsOf(
    "nn/src/layers/embedding.ts",
    ["nn/refused.test.ts", "nn/every-layer.test.ts"],
    [
      ["guarded(labels, check)", "labels"],
      ["drawn.at(paddingIndex).set(0)", "drawn", "the row is replaced by zeros wherever it is looked up"],
    ],
  ),
  ...mutationsOf(
    "nn/src/activations.ts",
    ["nn/activations.test.ts"],
    [
      ["      .less(1)\n", "      .less(1e9)\n"],
      ["x.div(alpha).expm1().mul(alpha)", "x.expm1().mul(alpha)"],
    ],
  ),
  ...mutationsOf("nn/src/layers/sequential.ts", layers, [
    ["run(layer, result, own[i])", "run(layer, result)"],
    ["      ...shared,\n", ""],
    ["activation: i === count - 1 ? outputActivation : activation", "activation"],
    ["outputActivation = activation, key", "outputActivation = linear, key"],
  ]),
  ...mutationsOf("nn/src/layers/dense.ts", layers, [
    ["parameter(zeros([outputs], { dtype })", "parameter(zeros([outputs])"],
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
  ...mutationsOf("nn/src/optimizers/adam.ts", definitions, [
    ["started(beta2, t)", "started(beta1, t)"],
    [".sqrt().add(epsilon)", ".add(epsilon).sqrt()"],
    ["gradient.square(), beta2", "gradient.square(), beta1"],
    ["largest.value.maximum(meanSquare)", "meanSquare"],
  ]),
  ...mutationsOf("nn/src/optimizers/sgd.ts", definitions, [
    ["nesterov ? slope.add(velocity.value.mul(momentum)) : velocity.value", "velocity.value"],
    ["gradient.add(value.mul(weightDecay))", "gradient.sub(value.mul(weightDecay))"],
    [".mul(momentum).add(slope));", ".mul(momentum).add(gradient));"],
  ]),
  ...mutationsOf("nn/src/optimizers/nadam.ts", definitions, [
    ["[momentumAt(t), momentumAt(t.add(1))]", "[momentumAt(t), momentumAt(t)]"],
  ]),
  ...mutationsOf("nn/src/optimizers/rms-prop.ts", definitions, [
    [
      "gradient, decay).square()).maximum(0)",
      "gradient, decay).square()).abs()",
      "a variance that rounding takes below 0 is as small either way",
    ],
    ["if (momentum === 0) return step;", "return step;"],
  ]),
  ...mutationsOf("nn/src/optimizers/lamb.ts", definitions, [
    ["length.div(asked)", "asked.div(length)"],
    ["where(isUsable, length.div(asked), onesLike(length))", "length.div(asked)"],
  ]),
  ...mutationsOf("nn/src/optimizers/optimizer.ts", steps, [
    ["Object.freeze(this);", ""],
    ["return value.detach();", "return value;"],
    [".filter(([, each]) => each.trainable)", ""],
    ["for (const path in gradients) this.claim(path, trained[path]!);", ""],
    ["this.steps.assign(steps.add(1));", ""],
    ["inner.length === 1 ? inner[0]! : new Rate(name, 1)", "(inner[0] ?? new Rate(name, 1))"],
  ]),
  ...mutationsOf(
    "nn/src/optimizers/state.ts",
    [...steps, "nn/optimizers/lbfgs.test.ts"],
    [
      ["others.add(unique);", ""],
      ["if (before !== undefined && before !== path)", "if (false)"],
      ["delete fields[name]", "void name"],
      ["if (!Object.hasOwn(this.state, path)) {", "if (this.state[path] === undefined) {"],
      ["this.#undo?.push(() => delete this.state[path]);", ""],
      ["      this.#paths.delete(owner);\n", ""],
    ],
  ),
  ...mutationsOf("nn/src/optimizers/chain.ts", steps, [
    ["kept.assign(where(isFull, kept.value, value))", "kept.assign(kept.value)"],
    ["where(isFull, whole.add(1), whole)", "whole.add(1)"],
    ['gradient === undefined && !step.remembers(path, "gathered")', "gradient === undefined"],
    ["where(isFull, zerosLike(now), now)", "now"],
  ]),
  ...mutationsOf("nn/src/optimizers/clip.ts", steps, [
    ["norm.greater(limit).select(share, 1)", "share"],
    ['mapTree((gradient) => gradient.cast("float64"), gradients)', "gradients"],
  ]),
  ...mutationsOf(
    "nn/src/optimizers/line-search.ts",
    ["nn/optimizers/lbfgs.test.ts"],
    [
      ["!(loss <= start.loss + ENOUGH * at * start.slope)", "loss > start.loss + ENOUGH * at * start.slope"],
      ["count > 1 && now.loss >= before.loss", "now.loss >= before.loss"],
      ["if (trial.slope * (high.at - low.at) >= 0) high = low;", ""],
    ],
  ),
  ...mutationsOf(
    "nn/src/optimizers/lbfgs.ts",
    ["nn/optimizers/lbfgs.test.ts"],
    [
      ["pairs.length === 0 ? Math.min(1, 1 / sum) : 1", "1"],
      [
        "if (pairs.length > this.#options.history) pairs.shift();",
        "if (pairs.length > this.#options.history) pairs.pop();",
      ],
      ["if (each.value !== before[i]) each.assign(before[i]!);", ""],
      ["known !== undefined && isSame(known.trained, trained)", "known !== undefined"],
      ['if (!("programs" in loss)) return evaluate;', "return evaluate;"],
    ],
  ),
  ...mutationsOf(
    "nn/src/schedules/reduce-on-plateau.ts",
    ["nn/schedules.test.ts"],
    [
      ["without.greater(patience)", "without.greaterEqual(patience)"],
      ["isBetter.logicalOr(isCooling)", "isBetter"],
      [".mul(factor).maximum(least)", ".mul(factor)"],
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
