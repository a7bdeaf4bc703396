// The square of the error, which least squares minimize.

import type { Expression } from "@adjoint/autograd";
import { byExpression, type Loss } from "./loss.ts";

const squaredError = (p: Expression, t: Expression) => p.sub(t).square();

/** Squared error (ŷ − y)² of each element, as PyTorch's MSELoss. The lecture's form is the reduction "batchMean". */
export const meanSquaredError: Loss = byExpression("meanSquaredError", squaredError);

/** Squared error (ŷ − y)², summed over everything by default. As PyTorch's MSELoss with reduction="sum". */
export const sumSquaredError: Loss = byExpression("sumSquaredError", squaredError, { standard: "sum" });
