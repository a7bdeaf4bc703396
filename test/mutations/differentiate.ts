import { type Mutation, mutationsOf } from "./mutation.ts";

const transforms = "autograd/differentiate/transforms.test.ts";
const variables = "autograd/differentiate/variables.test.ts";
const nesting = "autograd/differentiate/nesting.test.ts";
const recording = "autograd/differentiate/recording.test.ts";
const misuse = "misuse/misuse.test.ts";

export const differentiate: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/differentiate/recorded.ts",
    [transforms, variables, misuse, nesting],
    [
      [
        "!Number.isInteger(n) || n < 0 || n >= args.length",
        "!Number.isInteger(n) || n < 0 || n > args.length",
      ],
      [
        "const input = known ?? asTensor(watchedLeaf(leaf, trace));",
        "const input = asTensor(watchedLeaf(leaf, trace));",
      ],
      ["recorded.inputs[i]!.size === 0 || ", ""],
      [
        " && !recorded.allowUnused) checkAllReached",
        ") checkAllReached",
        "the look itself asks whether zeros are wanted; it saves time",
      ],
      [
        "if (inputs.some((input) => !reached.has(input)) && !recorded.allowUnused) checkAllReached(recorded);",
        "",
      ],
      [
        "withoutClosedTapes(unmoved(reached.get(input) ?? zerosLike(input), from))",
        "withoutClosedTapes(reached.get(input) ?? zerosLike(input))",
      ],
      [
        "withoutClosedTapes(unmoved(moved[i] ?? zerosLike(output), from))",
        "withoutClosedTapes(moved[i] ?? zerosLike(output))",
      ],
      ["leaf instanceof Variable ? leaf : withoutClosedTapes(leaf)", "leaf"],
      [
        "paths.length !== own.length || paths.some((path, i) => path !== own[i])",
        "paths.length !== own.length",
      ],
      ["given[n] = (standing as readonly unknown[])[i]", "given[i] = (standing as readonly unknown[])[i]"],
      [
        "outputs.length !== 1 || output === undefined || output.rank !== 0",
        "output === undefined || output.rank !== 0",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/differentiate/jacobian.ts",
    ["autograd/differentiate/hessians.test.ts", transforms],
    [
      ["i === which ? unit : zerosLike(other)", "unit"],
      [
        'options.mode ?? "forward"',
        "options.mode",
        "either mode gives the Hessian, and the tests compare them; it costs time alone",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/differentiate/surroundings.ts",
    [variables, recording, misuse],
    [
      ["places.paths.join() !== given.paths.join()", "places.paths.length !== given.paths.length"],
      ["if (value.dtype !== variable.dtype)", "if (value.dtype < variable.dtype)"],
      ["return withoutClosedTapes(gradient);", "return gradient;"],
      ["if (allowUnused) return constantTensor(0, target.dtype, target.shape);", ""],
      ["Trace.unseen(run)", "run()"],
      ["root.size !== 1 || !isFloat(root.dtype)", "root.size !== 1"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/differentiate/tree.ts",
    [variables, transforms, misuse],
    [["if (!isField) refuse(value, path);", "refuse(value, path);"]],
  ),
  ...mutationsOf(
    "autograd/src/inspect/tape.ts",
    ["autograd/tape/several-outputs.test.ts", "autograd/inspect/tape.test.ts"],
    [
      ["const isCurrent = variable.value === tensor;", "const isCurrent = true;"],
      ["output: step.outputs.length }", "output: 0 }"],
      ['{ kind: "argument", place: inputs.length }', '{ kind: "argument", place: 0 }'],
      [
        "const tensors = withSiblings(tape([...results, ...given].map(heldBy)));",
        "const tensors = tape([...results, ...given].map(heldBy)).map(asTensor);",
      ],
      ["[...all].sort((a, b) => a.serial - b.serial)", "[...all]"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/inspect/display.ts",
    ["autograd/inspect/display.test.ts"],
    [
      ["digits < 1 ||", "digits < 0 ||"],
      ["digits > MOST_DIGITS)", "digits >= MOST_DIGITS)"],
    ],
  ),
];
