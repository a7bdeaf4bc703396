// What the command adjoint-xla begins with.

import { adjointXLA } from "./adjoint-xla.ts";

process.exitCode = adjointXLA(process.argv.slice(2));
