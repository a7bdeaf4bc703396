// The square of the error, which least squares minimize.

import type { Tensor } from "@adjoint/autograd";
import { type Loss, perElement } from "./loss.ts";

const squaredError = (p: Tensor, t: Tensor) => p.sub(t).square();

/** Squared error (ŷ − y)² of each element, as PyTorch's MSELoss. The lecture's form is the reduction "batchMean". */
export const meanSquaredError: Loss = perElement("meanSquaredError", squaredError);

/** Squared error (ŷ − y)², summed over everything by default. As PyTorch's MSELoss with reduction="sum". */
export const sumSquaredError: Loss = perElement("sumSquaredError", squaredError, { standard: "sum" });
