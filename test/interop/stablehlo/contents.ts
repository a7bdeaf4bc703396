// Which primitives and atoms occur in a program, in the programs within its steps too.

import type { Program } from "@adjoint/autograd";
import { type Expression, inOrder } from "../../../packages/autograd/src/expression/expression.ts";
import { programsIn } from "../../../packages/autograd/src/program/parts.ts";

/** How often each name occurred. */
export class Tally {
  readonly primitives: Map<string, number> = new Map();
  readonly atoms: Map<string, number> = new Map();

  add({ steps }: Pick<Program, "steps">): void {
    for (const step of steps) {
      count(this.primitives, step.primitive.name);
      const { fn } = (step.attributes ?? {}) as { readonly fn?: { readonly expression: Expression } };
      if (fn !== undefined)
        for (const { atom } of inOrder(fn.expression)) if (atom !== null) count(this.atoms, atom.name);
      for (const program of programsIn(step)) this.add(program);
    }
  }
}

const count = (tally: Map<string, number>, name: string) => tally.set(name, (tally.get(name) ?? 0) + 1);
