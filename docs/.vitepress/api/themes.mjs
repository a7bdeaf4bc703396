// Sorts the public names by theme, which is the room of the sources that a name comes from.

import { Comment, CommentTag, Converter, ReflectionKind } from "typedoc";
import { moduleNames } from "./typedoc.config.mjs";

/** Themes of each package, by where the sources lie; the first that fits counts. */
const themes = [
  ["autograd/src/check/", "Checking"],
  ["autograd/src/array/errors", "Errors"],
  ["autograd/src/(array|tensor/slicing)", "Shapes and types"],
  ["autograd/src/compile/", "Compiling"],
  ["autograd/src/differentiate/own-rule", "Functions with their own rule"],
  ["autograd/src/differentiate/(scan|cond|while-loop|vmap|checkpoint)", "Loops, branches and batches"],
  ["autograd/src/differentiate/(trees?|leaves|surroundings)", "Trees and variables"],
  ["autograd/src/differentiate/", "Derivatives"],
  ["autograd/src/expression/", "Functions of one element"],
  ["autograd/src/(program|inspect)/", "Programs and tapes"],
  ["autograd/src/scalar/", "Scalars"],
  ["autograd/src/(tensor/(custom|own-lowering)|tape/lowering)", "Custom primitives"],
  ["autograd/src/tensor/(random|draws|choices)", "Random numbers"],
  ["autograd/src/tensor/(convolution|transposed-convolution|pooling|padding)", "Convolution and pooling"],
  ["autograd/src/(tensor|primitives)/(counting|lookup|einsum|guarded)", "More operations"],
  ["autograd/src/tensor/", "Tensors and variables"],
  ["nn/src/(node|terminal)/", "For Node"],
  ["nn/src/(activations|gain)", "Activations"],
  ["nn/src/(initializers|orthogonal)", "First weights"],
  ["nn/src/layers/", "Layers"],
  ["nn/src/losses/", "Losses"],
  ["nn/src/optimizers/", "Optimizers"],
  ["nn/src/schedules/", "Schedules"],
  ["nn/src/(fit|data)/", "Training"],
  ["nn/src/metrics/", "Metrics"],
  ["nn/src/monitors/", "Monitors"],
  ["nn/src/search/", "Search for hyperparameters"],
  ["nn/src/(files/|pytorch)", "Files"],
  ["nn/src/", "Models"],
  ["linalg/src/", "Linear algebra"],
  ["interop/src/(stablehlo|cli)/", "StableHLO"],
  ["interop/src/onnx/", "ONNX"],
  ["interop/src/", "Files"],
  ["notebook/src/(show|finding|seed|progress|values)", "Scripts"],
  ["notebook/src/", "Views"],
].map(([place, theme]) => [new RegExp(`(^|/)${place}`), theme]);

function themeOf(reflection) {
  const file = (reflection.sources ?? reflection.signatures?.[0]?.sources)?.[0]?.fullFileName;
  const theme = themes.find(([place]) => file !== undefined && place.test(file))?.[1];
  if (theme === undefined)
    throw new Error(`${reflection.getFullName()} (${file}) has no theme in themes.mjs`);
  return theme;
}

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      module.name = moduleNames[module.name] ?? module.name;
      for (const child of module.children ?? []) {
        if (child.kind === ReflectionKind.Reference) continue;
        child.comment ??= new Comment();
        child.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: themeOf(child) }]));
      }
    }
  });
}
