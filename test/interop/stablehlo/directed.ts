// Programs that say what random ones seldom do: each atom with its derivatives, draws, loops, indices and special values.

import {
  checkpoint,
  cond,
  grad,
  hvp,
  logSumExp,
  oneHot,
  randomKey,
  randomNormal,
  randomUniform,
  record,
  type Program,
  scan,
  type Tensor,
  variable,
  whileLoop,
} from "@adjoint/autograd";
