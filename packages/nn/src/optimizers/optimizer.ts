// What an optimizer is: a chain of links, a learning rate, and the bookkeeping common to all.

import {
  full,
  gradients as gradientsOf,
  type Tensor,
  transaction,
  Variable,
  variable,
} from "@adjoint/autograd";
import { checkFunction, checkTensor, hasShape, kindOf } from "../arguments.ts";
import {
  checkLink,
  inOrder,
  type Link,
  link,
  mapPaths,
  multiplyingBy,
  type TensorsByPath,
  type Update,
} from "./link.ts";
import { Rate, type Schedule } from "./rate.ts";
import { Stateful } from "./state.ts";

/** Variables by path, as `variables(model)` gives them, or in a list, where each is named by its index. */
export type VariableSet = Readonly<Record<string, Variable>> | readonly Variable[];

/** Gradients by the paths of their variables, or in a list. */
export type GradientSet = TensorsByPath | readonly Tensor[];

/** Variables by path. A variable that occurs twice goes by the first. */
export function checkVariables(name: string, set: unknown): Record<string, Variable> {
  const isCollection = Array.isArray(set) || kindOf(set) === "an object";
  const all: [string, unknown][] = isCollection ? Object.entries(set as object) : [["", set]];
  const seen = new Set<Variable>();
  const found = all.filter((entry): entry is [string, Variable] => {
    const [, each] = entry;
    if (!isCollection || !(each instanceof Variable))
      throw new TypeError(
        `${name}: got ${kindOf(each)} where variables belong; give them by path or in an array, e.g. step(variables(model))`,
      );
    const { size } = seen;
    return seen.add(each).size > size;
  });
  return Object.fromEntries(found);
}

/** The gradient in each variable that the loss reaches, and the loss. */
export function differentiated(
  name: string,
  loss: () => Tensor,
  trained: Readonly<Record<string, Variable>>,
): { readonly value: Tensor; readonly gradients: Record<string, Tensor> } {
  const value = loss();
  checkTensor(
    name,
    "what the loss returned",
    value,
    "return it without await or item(), which leave the tape",
  );
  return { value, gradients: gradientsOf(value, trained, { allowUnused: "omit" }) };
}

/** Those that are trained: mostly all of them, and then the record is taken as it is. */
export const trainable = (set: Readonly<Record<string, Variable>>): Readonly<Record<string, Variable>> =>
  Object.values(set).every((each) => each.trainable)
    ? set
    : Object.fromEntries(Object.entries(set).filter(([, each]) => each.trainable));

/**
 * An optimizer, which has memory for each variable from its first step on. To start again, make another one, and
 * compile again what was compiled with the old one. Its memory is variables, which `save` and `load` take, or
 * `mapTree((each) => each.value, variables(optimizer))` and `assign`.
 */
export class Optimizer extends Stateful {
  /** A variable with the rate in use: assign it to change the rate while training. A schedule assigns it at each step. */
  readonly learningRate: Variable<[]>;
  /** A variable with the number of steps taken, float64. */
  readonly steps: Variable<[]>;
  /** The schedule of the learning rate; null where it is a number. */
  readonly schedule: Schedule | null;
  /** The rates of the parts that have their own. `learningRate` multiplies them, or is the only one. */
  readonly rates: readonly Rate[];
  readonly #link: Link;
  /** The rate that multiplies what comes out of the links; null where the links have applied it. */
  readonly #rate: Rate | null;

  /** `rate`: null where the links have rates of their own. */
  constructor(name: string, links: readonly Link[], rate: Rate | null) {
    super(name);
    const whole = links.length === 1 ? links[0]! : inOrder(name, links);
    const inner = whole.rates ?? [];
    const shown = rate ?? (inner.length === 1 ? inner[0]! : new Rate(name, 1));
    this.learningRate = shown.learningRate;
    this.schedule = shown.schedule;
    this.rates = inner;
    this.steps = variable(full([], 0, { dtype: "float64" }), { name: "steps", trainable: false });
    this.#link = whole;
    this.#rate = inner.includes(shown) ? null : shown;
    // So that `optimizer.learningRate = 0.1`, which would change nothing, throws.
    Object.freeze(this);
  }

  /** Its links without its learning rate, and that rate, for chains. */
  static partsOf(part: Link | Optimizer): { readonly link: Link; readonly rate: Rate | null } {
    return part instanceof Optimizer ? { link: part.#link, rate: part.#rate } : { link: part, rate: null };
  }

  /**
   * Gives every trainable variable that has a gradient a new value: all of them or, where that throws, none. Without
   * `gradients`, uses what `backward` has left in the variables, and clears it.
   * Throws Error where none has a gradient, and where a path belonged to another variable in an earlier step.
   */
  step(variables: VariableSet, gradients?: GradientSet): void {
    const set = checkVariables(this.name, variables);
    const trained = trainable(set);
    const given = gradients === undefined ? this.#left(trained) : this.#given(set, trained, gradients);
    transaction(() => this.#move(set, trained, given));
  }

  /**
   * Computes a loss, its gradients, and steps: all of it or, where something throws, nothing. The gradients that
   * `backward` has left in variables are neither read nor added to; those of the variables that change are forgotten,
   * as by every `assign`. Variables that the loss does not reach stay as they are. Returns the loss. To run it as a
   * program, compile the whole step, `compile(() => optimizer.minimize(loss, set))`: within an uncompiled `minimize` a
   * compiled loss runs uncompiled. A program leaves alone what was not trainable when it was compiled. The loss is a
   * single number, of shape [].
   */
  minimize(loss: () => Tensor, variables: VariableSet): Tensor {
    checkFunction(this.name, "the loss", loss, "() => meanSquaredError(model.forward(x), y)");
    const set = checkVariables(this.name, variables);
    return transaction(() => {
      const trained = trainable(set);
      const { value, gradients } = differentiated(this.name, loss, trained);
      this.#move(set, trained, gradients);
      return value.detach();
    });
  }

  #left(trained: Readonly<Record<string, Variable>>): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(trained).flatMap(([path, { grad }]) => (grad === null ? [] : [[path, grad]])),
    );
  }

  #given(
    set: Readonly<Record<string, Variable>>,
    trained: Readonly<Record<string, Variable>>,
    gradients: GradientSet,
  ): Record<string, Tensor> {
    const found: Record<string, Tensor> = {};
    for (const [path, gradient] of Object.entries<Tensor>(gradients)) {
      const owner = set[path];
      if (owner === undefined)
        throw new TypeError(
          `${this.name}: there is a gradient for "${path}" and no variable; give gradients by the variables' paths, e.g. gradients(loss, set)`,
        );
      checkTensor(this.name, `the gradient of "${path}"`, gradient);
      checkLike(this.name, "the gradient", path, gradient, owner);
      if (trained[path] !== undefined) found[path] = gradient;
    }
    return found;
  }

  /** Within a transaction. */
  #move(
    set: Readonly<Record<string, Variable>>,
    trained: Readonly<Record<string, Variable>>,
    gradients: TensorsByPath,
  ): void {
    const paths = Object.keys(gradients);
    if (paths.length === 0)
      throw new Error(
        `${this.name}: none of ${Object.keys(set).length} variables has a gradient; before step, call backward on a loss made of them, and leave what is trained trainable`,
      );
    this.forgettingFailures(() => {
      for (const path of paths) this.claim(path, trained[path]!);
      const values = mapPaths(trained, ({ value }) => value);
      const steps = this.steps.value;
      const updates = this.#link.apply(gradients, {
        values,
        steps,
        memoryOf: this.memories(values),
        remembers: (path, name) => Object.hasOwn(this.state, path) && Object.hasOwn(this.state[path]!, name),
      });
      this.checkAsked(paths);
      const scaled = this.#rate === null ? (update: Tensor) => update : multiplyingBy(this.#rate.at(steps));
      for (const path of Object.keys(updates)) {
        const update = updates[path]!;
        const owner = trained[path];
        if (owner === undefined)
          throw new TypeError(
            `${this.name}: a link made an update for "${path}", which is no variable of this step; return updates by the paths of the gradients`,
          );
        checkTensor(
          this.#link.name,
          "what the rule returned",
          update,
          "return what takes the gradient's place",
        );
        checkLike(this.#link.name, "what the rule returned", path, update, owner);
        owner.assign(values[path]!.sub(scaled(update)));
      }
      this.steps.assign(steps.add(1));
    });
  }
}

function checkLike(name: string, what: string, path: string, given: Tensor, { shape, dtype }: Tensor): void {
  if (given.dtype === dtype && hasShape(given, shape)) return;
  throw new TypeError(
    `${name}: ${what} for "${path}" is ${given.dtype} [${given.shape.join(", ")}] and the variable ${dtype} [${shape.join(", ")}]; they must be alike: sum, reshape or cast it`,
  );
}

/**
 * An optimizer from its rule for one variable: what is used instead of the gradient. The result times the learning rate
 * is subtracted from the variable: `optimizer("descent", 0.1, ({ gradient }) => gradient)`. Or from links. Throws
 * RangeError for a negative learning rate or one that is not finite. The rule keeps the shape.
 */
export function optimizer(
  name: string,
  learningRate: number | Schedule,
  ...rules: readonly (Link | ((update: Update) => Tensor))[]
): Optimizer {
  const rate = new Rate(name, learningRate);
  const links = rules.map((rule) => {
    if (typeof rule === "function") return link(name, rule);
    checkLink(name, rule);
    return rule;
  });
  if (links.length === 0) checkFunction(name, "the rule", undefined, "({ gradient }) => gradient");
  return new Optimizer(name, links, rate);
}
