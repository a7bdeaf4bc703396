// What is a view already, and what knows by itself how it is displayed.

import { groupOf } from "../views/group.ts";
import { isView } from "../views/is-view.ts";
import type { View } from "../views/view.ts";
import type { Kind, ShowOptions } from "./kind.ts";

/** The view with a title and a note of the options, where it has room for them. */
function renamed(view: View, { title, note }: ShowOptions): View {
  const named =
    title === undefined ? view : "title" in view ? { ...view, title } : groupOf([view], { title });
  if (note === undefined) return named;
  return "note" in named ? { ...named, note } : groupOf([named, { kind: "text", text: note }]);
}

export const views: Kind = {
  name: "a view",
  forms: [],
  view: (value, options) => (isView(value) ? renamed(value, options) : undefined),
};

/** What `show` returned, shown again. */
export const shown: Kind = {
  name: "something shown",
  forms: [],
  view(value, options) {
    if (typeof value !== "object" || value === null || !("view" in value)) return undefined;
    const { view } = value;
    const isShown = Symbol.for("Jupyter.display") in value;
    return isShown && isView(view) ? renamed(view, options) : undefined;
  },
};

export const listsOfViews: Kind = {
  name: "an array of views",
  forms: [],
  view(value, { title = "", note }) {
    if (!Array.isArray(value) || value.length === 0 || !value.every(isView)) return undefined;
    return renamed(groupOf(value, { title }), note === undefined ? {} : { note });
  },
};
