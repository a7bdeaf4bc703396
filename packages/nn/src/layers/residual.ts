// A layer beside a way around it.

import { ShapeError, type Tensor } from "@adjoint/autograd";
import { checkTensor, hasShape } from "../arguments.ts";
import { checkLayer, type Layer, type LayerOrFunction, run, textOf } from "../layer.ts";
import { made } from "../made.ts";

/**
 * x + inner(x), of the shape of x. The inner layer gets the options as they are. He et al. (2016), who call it a residual
 * block. Throws ShapeError where the inner layer changes the shape.
 */
export function residual<L extends LayerOrFunction>(inner: L): Layer & { readonly inner: L } {
  checkLayer("residual", "the inner layer", inner);
  return made(
    {
      inner,
      forward(x, options) {
        checkTensor("residual", "the input", x);
        const change: Tensor = run(inner, x, options);
        checkTensor("residual", `what ${textOf(inner)} returned`, change, "return the tensor");
        // Broadcasting would make another shape in silence.
        const { shape } = change;
        if (!hasShape(change, x.shape))
          throw new ShapeError(
            `residual: ${textOf(inner)} makes [${shape.join(", ")}] of [${x.shape.join(", ")}]; what is added to x must have its shape: put a layer that changes the shape before or after`,
          );
        return x.add(change);
      },
      toString: () => `residual(${textOf(inner)})`,
    },
    "residual",
    inner,
  );
}
