// Writes docs/api/names.json: the page of each public name, for the links of guides.

import { writeFileSync } from "node:fs";
import { ReflectionKind } from "typedoc";
import { MarkdownRendererEvent } from "typedoc-plugin-markdown";
import { moduleNames } from "./typedoc.config.mjs";

/** Public names that guides also use for something else: variables of their own, a field, a command. */
const alsoWords = new Set([
  "step",
  "state",
  "link",
  "made",
  "only",
  "joined",
  "sign",
  "keys",
  "scaled",
  "linear",
  "Check",
]);

export function load(app) {
  app.renderer.on(MarkdownRendererEvent.END, ({ project, outputDirectory }) => {
    const names = {};
    // The first package that has a name is meant.
    for (const module of Object.values(moduleNames).map((name) => project.getChildByName([name])))
      for (const child of module?.children ?? [])
        if (child.kind !== ReflectionKind.Reference && !alsoWords.has(child.name))
          names[child.name] ??= app.renderer.router.getFullUrl(child).replace(/\.md$/, "");
    writeFileSync(`${outputDirectory}/names.json`, JSON.stringify(names));
  });
}
