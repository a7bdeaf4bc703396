// Generates the code of one method of Scalar. The method's function says what is computed; the segment says where the
// new node lies.

import type { ElementwiseFunction } from "../expression/elementwise-function.ts";
import { generate, makeFunction } from "../expression/to-function.ts";

/**
 * The method of one operation, with everything written out, the computation of its value included. Methods that
 * share a body would also share its type feedback, and V8 would look up at run time what it knows here.
 */
export function generatedMethod<Scalar>(
  fn: ElementwiseFunction,
  code: number,
  scope: ReadonlyMap<string, unknown>,
): (this: Scalar, ...others: Scalar[]) => Scalar {
  const binary = fn.arity === 2;
  const { statements, results, functions } = generate(
    [fn.expression],
    ["value[p]", "value[q]"].slice(0, fn.arity),
  );
  const body = `
    let s = tape.segment;
    if (s.size + ${fn.arity + 1} > s.capacity) s = tape.next();
    ${placing("this", "p", fn.name)}
    ${binary ? placing("other", "q", fn.name) : "const q = p, qDependencies = pDependencies;"}
    const { value, low } = s, i = s.size++;
    ${statements}
    value[i] = ${results[0]};
    s.code[i] = ${code};
    s.a[i] = p;
    s.b[i] = q;
    low[i] = ${binary ? "low[p] < low[q] ? low[p] : low[q]" : "low[p]"};
    return new Scalar(s, i, pDependencies === qDependencies ? pDependencies : join(pDependencies, qDependencies));`;
  return makeFunction(binary ? ["other"] : [], body, new Map([...scope, ...functions]));
}

/** JavaScript that puts an operand's index in one variable and its dependencies in another. */
function placing(operand: string, index: string, name: string): string {
  return `
    let ${index} = 0, ${index}Dependencies = null;
    if (${operand} instanceof Scalar) {
      const home = ${operand}.home;
      if (home === s) {
        ${index} = ${operand}.index;
        ${index}Dependencies = ${operand}.dependencies;
      } else if (home instanceof Leaf) ${index} = s.leaf(home);
      else {
        const here = enter(s, ${operand}, "${name}");
        ${index} = here.index;
        ${index}Dependencies = here.dependencies;
      }
    } else ${index} = enter(s, ${operand}, "${name}").index;`;
}
