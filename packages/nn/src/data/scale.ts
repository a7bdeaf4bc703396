// Layers that scale inputs. What they know of the data is state, so it is saved with the model.

import { ShapeError, type Tensor, type Variable, zeros } from "@adjoint/autograd";
import { checkOptions, checkTensor } from "../arguments.ts";
import { type Layer, state } from "../layer.ts";
import { made } from "../made.ts";

/** (x − shift)/scale for each feature, the last axis. */
export class Scaling implements Layer {
  /** What is subtracted from each feature: [features]. */
  readonly shift: Variable;
  /** What each feature is divided by then: [features]. */
  readonly scale: Variable;
  readonly #name: string;

  constructor(name: string, shift: Tensor, scale: Tensor) {
    this.#name = name;
    this.shift = state(shift, { name: "shift" });
    this.scale = state(scale, { name: "scale" });
  }

  /** [..., features] → [..., features], scaled. Throws ShapeError for another number of features. */
  forward(x: Tensor): Tensor {
    this.#check("forward", x);
    return x.sub(this.shift).div(this.scale);
  }

  /**
   * The x that `forward` scales to y: [..., features] → [..., features], predictions in the units of the data. Throws
   * ShapeError for another number of features.
   */
  inverse(y: Tensor): Tensor {
    this.#check("inverse", y);
    return y.mul(this.scale).add(this.shift);
  }

  /** The layer as text. */
  toString(): string {
    return `${this.#name}(${this.shift.shape[0]} features)`;
  }

  #check(method: string, x: Tensor): void {
    checkTensor(`${this.#name}: ${method}`, "the input", x);
    const features = this.shift.shape[0];
    if (x.rank === 0 || x.shape.at(-1) !== features)
      throw new ShapeError(
        `${this.#name}: ${method}: input [${x.shape.join(", ")}] must have ${features} features along the last axis, as the data had`,
      );
  }
}

/** Data as rows of features, in float64. */
function featuresOf(name: string, data: Tensor): Tensor {
  checkTensor(name, "the data", data);
  if (data.rank < 2 || data.size === 0)
    throw new ShapeError(
      `${name}: data [${data.shape.join(", ")}] must be [samples, …, features], with at least one sample: reshape([-1, 1]) for one feature`,
    );
  return data.cast("float64").reshape([-1, data.shape.at(-1)!]);
}

/** A constant feature is only shifted. */
const nonZero = (scale: Tensor): Tensor => scale.equal(0).select(1, scale);

/** Data of which a scaling of the same form is made again. What it knew of the true data are its variables, for `load`. */
const standIn = ({ shift }: Scaling): Tensor => zeros([1, shift.size], { dtype: shift.dtype });

const floatOf = ({ dtype }: Tensor) => (dtype === "float64" ? "float64" : "float32");

/**
 * A layer that gives each feature of the data, the last axis, mean 0 and standard deviation 1 (that of all samples, without
 * Bessel's correction); a constant feature becomes 0. As scikit-learn's StandardScaler. Make it of the training data only. What it
 * knows of them is saved and loaded as its state. Throws ShapeError for data that are not [samples, …, features].
 */
export function standardScaling(data: Tensor): Scaling {
  const rows = featuresOf("standardScaling", data);
  const mean = rows.mean({ axis: 0 });
  // Equal numbers may differ from their mean by a rounding; their extremes don't.
  const isConstant = rows.max({ axis: 0 }).equal(rows.min({ axis: 0 }));
  const deviation = isConstant.select(1, rows.sub(mean).square().mean({ axis: 0 }).sqrt());
  const dtype = floatOf(data);
  const scaling = new Scaling("standardScaling", mean.cast(dtype), nonZero(deviation).cast(dtype));
  return made(scaling, "standardScaling", standIn(scaling));
}

/**
 * A layer that maps each feature's least value in the data to `from` and its greatest to `to`, 0 and 1 by default; a constant
 * feature becomes `from`. As scikit-learn's MinMaxScaler. Other data may lie beyond. Make it of the training data only. What it
 * knows of them is saved and loaded as its state. Throws ShapeError for data that are not [samples, …, features], and RangeError
 * where `from` is not below `to`.
 */
export function minMaxScaling(
  data: Tensor,
  options: { readonly from?: number; readonly to?: number } = {},
): Scaling {
  checkOptions("minMaxScaling", options, ["from", "to"]);
  const { from = 0, to = 1 } = options;
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to))
    throw new RangeError(`minMaxScaling: from ${from} to ${to} must go up, e.g. { from: -1, to: 1 }`);
  const rows = featuresOf("minMaxScaling", data);
  const least = rows.min({ axis: 0 });
  // from + (x − least)·(to − from)/span, as a shift and a scale.
  const scale = nonZero(rows.max({ axis: 0 }).sub(least)).div(to - from);
  const dtype = floatOf(data);
  const scaling = new Scaling("minMaxScaling", least.sub(scale.mul(from)).cast(dtype), scale.cast(dtype));
  return made(scaling, "minMaxScaling", standIn(scaling), options);
}
