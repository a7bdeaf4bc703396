// The kinds of values, in the order in which they are asked. A new kind is a file and a line here.

import type { View } from "../views/view.ts";
import { activations, expressions } from "./activations.ts";
import { backpropagations } from "./backpropagations.ts";
import { errors } from "./errors.ts";
import { fitResults, histories } from "./histories.ts";
import { type Inner, type Kind, OptionError, type ShowOptions } from "./kind.ts";
import { models, summaries } from "./models.ts";
import { displayed, elements, plots } from "./pictures.ts";
import * as plain from "./plain.ts";
import { compiled, programs } from "./programs.ts";
import * as records from "./records.ts";
import { reports } from "./reports.ts";
import { searches } from "./searches.ts";
import { scalars, tensors } from "./tensors.ts";
import { listsOfViews, shown, views } from "./views.ts";

const kinds: readonly Kind[] = [
  plain.proxies,
  plain.primitives,
  views,
  shown,
  listsOfViews,
  tensors,
  scalars,
  programs,
  compiled,
  activations,
  expressions,
  backpropagations,
  fitResults,
  histories,
  searches,
  summaries,
  reports,
  plots,
  elements,
  displayed,
  models,
  plain.promises,
  errors,
  plain.functions,
  plain.dates,
  records.mapsAndSets,
  plain.numericLists,
  records.listsOfObjects,
  records.plainObjects,
  plain.everything,
];

/** How deeply views of parts lie in each other: a value may contain itself. */
const mostDepth = 6;

/**
 * What is to be seen of a value. Never throws for a value: what goes wrong while it is looked at is shown as what it is.
 * Throws TypeError for a form that the kind of value doesn't have.
 */
export function viewOf(value: unknown, options: ShowOptions, depth = 0): View {
  const inner: Inner = (part, partOptions = {}) =>
    depth >= mostDepth ? plain.asText("…") : viewOf(part, partOptions, depth + 1);
  try {
    for (const kind of kinds) {
      const view = kind.view(value, options, inner);
      if (view === undefined) continue;
      checkForm(kind, options);
      return options.as === "text" && view.kind !== "text"
        ? plain.asText(plain.inspected(value), options)
        : view;
    }
  } catch (error) {
    if (error instanceof OptionError) throw error;
    const said = `(this value can't be shown: ${saidBy(error)})`;
    return plain.asText([said, ...asPrinted(value)].join("\n"), { title: options.title ?? "" });
  }
  return plain.asText("(this value can't be shown)");
}

function checkForm({ name, forms }: Kind, { as }: ShowOptions): void {
  if (as === undefined || as === "text" || forms.includes(as)) return;
  const ways = [...forms, "text"].map((each) => `"${each}"`).join(", ");
  throw new OptionError(
    `show: ${name} can't be shown as: "${as}"; ${forms.length === 0 ? `leave the option out, or use "text"` : `it can be ${ways}`}`,
  );
}

/** The value as the console prints it; nothing where that throws, too. */
function asPrinted(value: unknown): readonly string[] {
  try {
    return [plain.inspected(value)];
  } catch {
    return [];
  }
}

/** What an error says, or what else was thrown. */
function saidBy(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : `${String(error)} was thrown`;
  } catch {
    return "something was thrown that can't be read";
  }
}
