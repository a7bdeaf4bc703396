// Users' own functions as operations of programs, so that what is under test is used among everything else.

import type { Shape } from "../array/shape-types.ts";
import type { Activation } from "../expression/activation.ts";
import { definePrimitive, type PrimitiveFunction, type PrimitiveStatement } from "../tensor/custom.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Argument, type Operation, slot } from "./drawn-program.ts";
import { expressionCode, identifier, literal } from "./literal.ts";
import type { Between } from "./numbers.ts";

/** A function to use in programs. */
export interface PlantedFunction {
  /** Its name, in printed programs. */
  readonly name: string;
  /** The function, of tensors. */
  readonly call: (...operands: Tensor[]) => Tensor;
  /** Operands that fit together, several choices of them; one of any shape by default. */
  readonly shapes?: readonly (readonly Shape[])[];
  /** The intervals in which the elements of its operands must lie. */
  readonly between?: readonly [low: number, high: number];
  /** Lines of JavaScript that define or import `name`, for printed snippets; those of `call` by default. */
  readonly source?: string;
}

/** What can be planted: an activation, a primitive, or any function of tensors. */
export type Plant = Activation | PrimitiveFunction<void> | PlantedFunction;

export function plantedOperation(plant: Plant): Operation {
  if ("expression" in plant) return ofActivation(plant);
  return "primitive" in plant ? ofPrimitive(plant) : ofFunction(plant);
}

function ofActivation(activation: Activation): Operation {
  const name = identifier(activation.name);
  const statement = expressionCode(activation.expression, ["x"]);
  const source =
    statement === null
      ? `// import { ${name} } from where it is stated`
      : `import { activation } from "@adjoint/autograd";\nconst ${name} = activation(${JSON.stringify(activation.name)}, ${statement});`;
  return operation(name, (x) => activation(x!), [], undefined, source);
}

function ofPrimitive(call: PrimitiveFunction<void>): Operation {
  const { name, examples = [] } = call.primitive;
  const [between] = examples.flatMap((example) => (example.between === undefined ? [] : [example.between]));
  const shapes = examples
    .filter(({ dtypes = [] }) => dtypes.every((dtype) => dtype === "float"))
    .map((example) => example.shapes);
  const source = `// import { ${identifier(name)} } from where it is defined`;
  return operation(identifier(name), call, shapes, between, source);
}

function ofFunction({ name, call, shapes = [], between, source }: PlantedFunction): Operation {
  const called = identifier(name);
  return operation(called, call, shapes, between, source ?? `const ${called} = ${String(call)};`);
}

function operation(
  name: string,
  run: (...operands: Tensor[]) => Tensor,
  examples: readonly (readonly Shape[])[],
  between: readonly [number, number] | undefined,
  source: string,
): Operation {
  const count = examples[0]?.length ?? 1;
  const within: Between | undefined = between && { from: between[0], to: between[1] };
  const slots: Argument[] = Array.from({ length: count }, (_, i) => slot(i));
  return {
    name,
    operands: slots.map(() => "float"),
    ...(within === undefined ? {} : { within: slots.map(() => within) }),
    examples,
    source,
    // Nothing says which shapes fit together: all existing ones are tried, and the call refuses those that don't fit.
    ask(first, { dice, shapes }) {
      const fitting = examples.filter(([shape]) => String(shape) === String(first.shape));
      if (fitting.length > 0 && dice.chance(0.3)) return { others: dice.pick(fitting).slice(1), args: slots };
      const others = slots
        .slice(1)
        .map(() => (shapes.length === 0 || dice.chance(0.3) ? first.shape : dice.pick(shapes)));
      return { others, args: slots };
    },
    call: (operands) => run(...operands),
    code: (_, args) => `${name}(${args.join(", ")})`,
  };
}

/**
 * A primitive to plant, from its statement: so that snippets can print it, its functions must use nothing from outside.
 * Throws what `definePrimitive` throws.
 */
export function planted(
  statement: PrimitiveStatement<void>,
  details: Pick<PlantedFunction, "shapes" | "between"> = {},
): PlantedFunction {
  const { name, examples = [] } = statement;
  const fields = Object.entries(statement).map(([key, value]) => `  ${fieldCode(key, value)},`);
  return {
    name,
    call: definePrimitive<void>(statement),
    ...(examples.length === 0 ? {} : { shapes: examples.map((example) => example.shapes) }),
    ...details,
    source: `import { definePrimitive } from "@adjoint/autograd";\nconst ${identifier(name)} = definePrimitive({\n${fields.join("\n")}\n});`,
  };
}

// A method's own text begins with its name.
function fieldCode(key: string, value: unknown): string {
  if (typeof value !== "function") return `${key}: ${literal(value)}`;
  const text = String(value);
  return new RegExp(`^${key}\\s*\\(`).test(text) ? text : `${key}: ${text}`;
}
