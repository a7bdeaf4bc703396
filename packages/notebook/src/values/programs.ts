// Programs and tapes: as graphs where that can be drawn, folded by layer or summed up where there are many steps; and what has
// been compiled, as its listing.

import { Program } from "@adjoint/autograd";
import { groupOf } from "../views/group.ts";
import { counted } from "../views/number-text.ts";
import type { Kind } from "./kind.ts";
import { asText } from "./plain.ts";
import { folded, summedUp } from "./program-folds.ts";
import { drawn } from "./program-graphs.ts";

/** How many values are drawn one by one. */
const mostDrawn = 60;

export const programs: Kind = {
  name: "a program",
  forms: ["table"],
  view(value, options) {
    if (!(value instanceof Program)) return undefined;
    if (options.as === "table") return summedUp(value, options);
    if (options.as === "text") return asText(value.toString(), options);
    if (value.values.length <= mostDrawn) return drawn(value, options);
    if (options.model === undefined) return summedUp(value, options);
    const graph = folded(value, options, options.model);
    return graph ?? summedUp(value, options);
  },
};

interface Compiled {
  readonly programs: readonly { toString(): string }[];
}

const isCompiled = (value: unknown): value is Compiled =>
  typeof value === "function" && "programs" in value && "prepare" in value && Array.isArray(value.programs);

/** Compiled functions by the listings of their programs, kernels and memory; and these programs themselves. */
export const compiled: Kind = {
  name: "a compiled function",
  forms: [],
  view(value, options) {
    if (isCompiled(value)) {
      if (value.programs.length === 0)
        return asText("a compiled function without a program yet: call it, or ask for .program(…)", options);
      return groupOf(
        value.programs.map((program) => asText(String(program))),
        { title: options.title ?? counted(value.programs.length, "program") },
      );
    }
    if (typeof value !== "object" || value === null || !("run" in value)) return undefined;
    const print: unknown = value.toString;
    if (typeof print !== "function" || print === Object.prototype.toString) return undefined;
    const text = String(print.call(value));
    return text.startsWith("program: ") ? asText(text, options) : undefined;
  },
};
