// Random models, each with a twin that takes the weights as arguments: layers of the package and of own making, nested in
// one another, whose variables lie in fields, arrays, Maps, instances of classes and functions, are shared, and are of both
// float types and whole numbers. The twin does the same operations and calls no layer.

import {
  convolution,
  type DType,
  randomKey,
  stopGradient,
  type Tensor,
  tensor,
  type Variable,
  variable,
} from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { type Dice, digits, tensorOf } from "../support/tensors.ts";

export type FloatType = "float32" | "float64";

/** What a weight is in the twin: the tensor that stands for a variable. */
export type WeightOf = (of: Variable) => Tensor;

/** A part of a model, and what it does, said twice. Rows are samples. */
export interface Part {
  readonly text: string;
  /** What holds its variables. */
  readonly held: object;
  forward(x: Tensor): Tensor;
  twin(x: Tensor, w: WeightOf): Tensor;
  readonly outputs: number;
  /** Variables that a forward pass assigns before it reads them. */
  readonly assigned?: readonly Variable[];
}

/** The package's activations, and what they are. */
const activations: readonly (readonly [nn.LayerActivation, (x: Tensor) => Tensor])[] = [
  [nn.linear, (x) => x],
  [nn.tanh, (x) => x.tanh()],
  [nn.logistic, (x) => x.logistic()],
  [nn.softplus, (x) => x.softplus()],
  [nn.relu, (x) => x.relu()],
];

class Gain {
  readonly kind = "gain";
  readonly gain: Variable;
  constructor(gain: Variable) {
    this.gain = gain;
  }
  forward(x: Tensor): Tensor {
    return x.mul(this.gain);
  }
}

/** Draws parts of one float type, and what they share. */
export class Builder {
  readonly dice: Dice;
  readonly dtype: FloatType;
  readonly #made: Variable[] = [];

  constructor(dice: Dice, dtype: FloatType) {
    this.dice = dice;
    this.dtype = dtype;
  }

  /** A variable of this shape: a new one, or, now and then, one that another part holds too. */
  variable(...shape: number[]): Variable {
    const fitting = this.#made.filter((each) => each.shape.join() === shape.join());
    if (fitting.length > 0 && this.dice.below(3) === 0) return fitting[this.dice.below(fitting.length)]!;
    const size = shape.reduce((product, n) => product * n, 1);
    const made = variable(tensorOf(digits(size, this.dice), shape, this.dtype));
    this.#made.push(made);
    return made;
  }

  /** Any part of this many inputs. */
  part(inputs: number, depth = 0): Part {
    const kinds = [
      () => this.dense(inputs),
      () => this.gain(inputs),
      () => this.affine(inputs),
      () => this.list(inputs),
      () => this.map(inputs),
      () => this.functionWithFields(inputs),
      () => this.normalisation(inputs),
      () => this.convolution(inputs),
      () => this.stopped(inputs),
      () => this.counted(inputs),
      () => this.centred(inputs),
      () => this.otherType(inputs),
      ...(depth < 2 ? [() => this.chain(inputs, depth + 1), () => this.residual(inputs, depth + 1)] : []),
    ];
    return kinds[this.dice.below(kinds.length)]!();
  }

  dense(inputs: number): Part {
    const { dice, dtype } = this;
    const outputs = 1 + dice.below(3);
    const [activation, written] = activations[dice.below(activations.length)]!;
    const key = randomKey(dice.below(1000));
    const layer = nn.dense(inputs, outputs, { activation, dtype, key, bias: dice.below(4) > 0 });
    const { weight, bias } = layer;
    return {
      text: `dense(${inputs}, ${outputs}, ${activation.name})`,
      held: layer,
      outputs,
      forward: (x) => layer.forward(x),
      twin(x, w) {
        const product = x.matmul(w(weight as Variable));
        return written(bias === null ? product : product.add(w(bias as Variable)));
      },
    };
  }

  gain(inputs: number): Part {
    const layer = new Gain(this.variable(inputs));
    return {
      text: "an instance's gain",
      held: layer,
      outputs: inputs,
      forward: (x) => layer.forward(x),
      twin: (x, w) => x.mul(w(layer.gain)),
    };
  }

  affine(inputs: number): Part {
    const [a, b] = [this.variable(inputs), this.variable(inputs)];
    const layer = { a, inner: { b }, forward: (x: Tensor) => x.mul(layer.a).add(layer.inner.b).tanh() };
    return {
      text: "an object's affine map",
      held: layer,
      outputs: inputs,
      forward: layer.forward,
      twin: (x, w) => x.mul(w(a)).add(w(b)).tanh(),
    };
  }

  list(inputs: number): Part {
    const all = Array.from({ length: 1 + this.dice.below(3) }, () => this.variable(inputs));
    return {
      text: `a list of ${all.length}`,
      held: all,
      outputs: inputs,
      forward: (x) => all.reduce((y, v) => y.mul(v).sin(), x),
      twin: (x, w) => all.reduce((y, v) => y.mul(w(v)).sin(), x),
    };
  }

  map(inputs: number): Part {
    const heads = new Map([
      ["left", this.variable(inputs, 2)],
      ["the right", this.variable(inputs, 2)],
    ]);
    const [left, right] = [...heads.values()] as [Variable, Variable];
    return {
      text: "a Map of two heads",
      held: heads,
      outputs: 2,
      forward: (x) => x.matmul(heads.get("left")!).mul(x.matmul(heads.get("the right")!)),
      twin: (x, w) => x.matmul(w(left)).mul(x.matmul(w(right))),
    };
  }

  functionWithFields(inputs: number): Part {
    const slope = this.variable(inputs);
    const f = Object.assign((x: Tensor): Tensor => x.mul(f.slope).softplus(), { slope });
    return {
      text: "a function with a slope",
      held: f,
      outputs: inputs,
      forward: f,
      twin: (x, w) => x.mul(w(slope)).softplus(),
    };
  }

  normalisation(inputs: number): Part {
    const layer = { gain: this.variable(inputs), shift: this.variable(inputs) };
    const normal = (x: Tensor, gain: Tensor, shift: Tensor) => {
      const centred = x.sub(x.mean({ axis: -1, keepDims: true }));
      const variance = centred.square().mean({ axis: -1, keepDims: true });
      return centred.div(variance.add(0.5).sqrt()).mul(gain).add(shift);
    };
    return {
      text: "a normalisation of rows",
      held: layer,
      outputs: inputs,
      forward: (x) => normal(x, layer.gain, layer.shift),
      twin: (x, w) => normal(x, w(layer.gain), w(layer.shift)),
    };
  }

  convolution(inputs: number): Part {
    const layer = { kernel: this.variable(2, 1, Math.min(2, inputs)) };
    const convolved = (x: Tensor, kernel: Tensor) => {
      const y = convolution(x.reshape([x.shape[0]!, 1, inputs]), kernel);
      return y.reshape([x.shape[0]!, y.size / x.shape[0]!]).mul(0.5);
    };
    return {
      text: "a convolution",
      held: layer,
      outputs: 2 * (inputs - Math.min(2, inputs) + 1),
      forward: (x) => convolved(x, layer.kernel),
      twin: (x, w) => convolved(x, w(layer.kernel)),
    };
  }

  stopped(inputs: number): Part {
    const [v, other] = [this.variable(inputs), this.variable(inputs)];
    const isDetached = this.dice.below(2) === 0;
    return {
      text: "a gain whose offset has no derivative",
      held: [v, other],
      outputs: inputs,
      forward: (x) =>
        x
          .mul(v)
          .add(isDetached ? v.value.detach() : stopGradient(v))
          .sub(other),
      twin: (x, w) =>
        x
          .mul(w(v))
          .add(stopGradient(w(v)))
          .sub(w(other)),
    };
  }

  counted(inputs: number): Part {
    const count = variable(tensor(1 + this.dice.below(3), { dtype: "int32" }) as Tensor);
    const layer = { count, gain: this.variable(inputs) };
    return {
      text: "a gain by a whole number",
      held: layer,
      outputs: inputs,
      forward: (x) => x.mul(count.cast(x.dtype as "float64")).mul(layer.gain),
      twin: (x, w) => x.mul(w(count).cast(x.dtype as "float64")).mul(w(layer.gain)),
    };
  }

  /** Less the batch's mean, which it keeps in a variable. */
  centred(inputs: number): Part {
    const layer = {
      mean: variable(tensorOf(new Array(inputs).fill(0), [inputs], this.dtype)),
      gain: this.variable(inputs),
    };
    const { mean, gain } = layer;
    return {
      text: "a mean that is kept",
      held: layer,
      outputs: inputs,
      assigned: [mean],
      forward(x) {
        mean.assign(x.mean({ axis: 0 }).mul(0.5));
        return x.sub(mean).mul(gain);
      },
      twin: (x, w) => x.sub(x.mean({ axis: 0 }).mul(0.5)).mul(w(gain)),
    };
  }

  otherType(inputs: number): Part {
    const other: DType = this.dtype === "float32" ? "float64" : "float32";
    const part = new Builder(this.dice, other).part(inputs, 2);
    const { dtype } = this;
    return {
      ...part,
      text: `in ${other}: ${part.text}`,
      held: { part: part.held },
      forward: (x) => part.forward(x.cast(other)).cast(dtype),
      twin: (x, w) => part.twin(x.cast(other), w).cast(dtype),
    };
  }

  residual(inputs: number, depth: number): Part {
    const part = this.part(inputs, depth);
    const scale = this.variable(part.outputs);
    return {
      ...part,
      text: `residual(${part.text})`,
      held: new Map<string, unknown>([
        ["body", part.held],
        ["scale", scale],
      ]),
      forward: (x) =>
        part
          .forward(x)
          .mul(scale)
          .add(x.sum({ axis: -1, keepDims: true })),
      twin: (x, w) =>
        part
          .twin(x, w)
          .mul(w(scale))
          .add(x.sum({ axis: -1, keepDims: true })),
    };
  }

  /** Parts one after another, held in one of many ways. */
  chain(inputs: number, depth = 0): Part {
    const parts: Part[] = [];
    for (let n = 1 + this.dice.below(3), width = inputs; n > 0; n--) {
      parts.push(this.part(width, depth));
      width = parts.at(-1)!.outputs;
    }
    const all = parts.map(({ held }) => held);
    const assigned = parts.flatMap(({ assigned: own = [] }) => own);
    const common = {
      text: `[${parts.map(({ text }) => text).join(", ")}]`,
      outputs: parts.at(-1)!.outputs,
      assigned,
      twin: (x: Tensor, w: WeightOf) => parts.reduce((y, part) => part.twin(y, w), x),
    };
    const forward = (x: Tensor) => parts.reduce((y, part) => part.forward(y), x);
    switch (this.dice.below(4)) {
      case 0: {
        const layers = parts.map((part): nn.Layer => {
          if (typeof (part.held as Partial<nn.Layer>).forward === "function") return part.held as nn.Layer;
          return Object.assign({ forward: part.forward }, { held: part.held });
        });
        const sequential = nn.sequential(...layers);
        return {
          ...common,
          text: `sequential${common.text}`,
          held: sequential,
          forward: (x) => sequential.forward(x),
        };
      }
      case 1:
        return { ...common, held: Object.fromEntries(all.map((each, i) => [`part${i}`, each])), forward };
      case 2:
        return { ...common, held: new Map(all.map((each, i) => [i, each])), forward };
      default:
        return { ...common, held: all, forward };
    }
  }
}
