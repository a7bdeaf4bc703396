// An activation in one line. Its derivatives of every order, its formula, its kinks and its ψ follow from it.

import { type Activation, activation } from "@adjoint/autograd";

/** x + sin²x (Ziyin, Hartwig and Ueda 2020): it grows like x and waves like a sine, so that a network can go on with a wave. */
export const snake: Activation = activation("snake", (x) => x.add(x.sin().square()));
