// The API reference, as Markdown in docs/api: one page for each public name, from the docstrings.

import { OptionDefaults } from "typedoc";
import { entries } from "./entries.mjs";

export default {
  plugin: ["typedoc-plugin-markdown", "./themes.mjs", "./quiet.mjs", "./names.mjs"],
  tsconfig: "tsconfig.json",
  entryPoints: Object.keys(entries).map((file) => `../../../packages/${file}`),
  out: "../../api",
  name: "API reference",
  router: "member",
  entryFileName: "index.md",
  excludeScopesInPaths: true,
  readme: "none",
  // The project checks its types with a newer TypeScript than typedoc reads.
  skipErrorChecking: true,
  excludeExternals: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeInternal: true,
  disableGit: true,
  // The sources are part of the site, as text.
  sourceLinkTemplate: "/source/{path}.txt",
  modifierTags: [...OptionDefaults.modifierTags, "@alias"],
  categorizeByGroup: false,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  expandParameters: true,
  parametersFormat: "table",
  indexFormat: "table",
  sort: ["kind", "alphabetical"],
  kindSortOrder: ["Function", "Variable", "Class", "Interface", "TypeAlias"],
  interfacePropertiesFormat: "list",
  classPropertiesFormat: "list",
  pageTitleTemplates: {
    index: "{projectName}",
    member: ({ rawName }) => rawName.replace(/<.*/s, ""),
    module: "{name}",
  },
  logLevel: "Warn",
  validation: false,
};

/** The public name of each entry's module, by typedoc's own name for it. */
export const moduleNames = Object.fromEntries(
  Object.entries(entries).map(([file, name]) => [file.replace(/(\/index)?\.ts$/, ""), name]),
);
