// Which room may import which. `npm test` checks it; the drawing is in ARCHITECTURE.md.
// To add a room, add it to its row here. Cycles are oxlint's: its import/no-cycle tells type-only imports
// apart, where the cycle rule here misses a ring that a type-only import shortens.

/** The rooms of packages/autograd/src, lowest row first: a room imports its own row and the rows before it. */
const ROWS = [
  ["array", "expression"],
  ["kernels"],
  ["tape", "scalar"],
  ["primitives"],
  ["batch"],
  ["tensor"],
  ["program"],
  ["differentiate"],
  ["compile", "inspect"],
  ["index.ts"],
  ["check"],
];

/** Rooms of one row that stay apart. */
const APART = [["array", "expression"]];

const AUTOGRAD = "^packages/autograd/src/";
const NN = "^packages/nn/src/";
const NN_NODE = "^packages/nn/src/node/";
const LINALG = "^packages/linalg/src/";
const INTEROP = "^packages/interop/src/";
const NOTEBOOK = "^packages/notebook/src/";
const EXAMPLES = "^packages/examples/src/";
const LAB = "^packages/playground/src/lab/";
const PAGE = "^packages/playground/src/page/";
const PUBLIC_AUTOGRAD = `${AUTOGRAD}(check/)?index\\.ts$`;

/** A pattern of everything in the rooms; `index.ts` is a room of one file. */
const inRooms = (rooms) =>
  `${AUTOGRAD}(${rooms.map((room) => (room.endsWith(".ts") ? `${room.replace(".", "\\.")}$` : `${room}/`)).join("|")})`;

const allRooms = inRooms(ROWS.flat());

const onlyUpToOwnRow = ROWS.slice(0, -1).flatMap((row, level) => {
  const higher = inRooms(ROWS.slice(level + 1).flat());
  return row.map((room) => ({
    name: `direction-${room.replace(".ts", "")}`,
    comment: `autograd/src/${room} imports only its own row and the rows below it (see ROWS).`,
    severity: "error",
    from: { path: inRooms([room]) },
    to: { path: higher },
  }));
});

const keptApart = APART.flatMap((rooms) =>
  rooms.map((room) => ({
    name: `apart-${room}`,
    comment: `${rooms.join(" and ")} are siblings: neither imports the other.`,
    severity: "error",
    from: { path: inRooms([room]) },
    to: { path: inRooms(rooms.filter((other) => other !== room)) },
  })),
);

module.exports = {
  forbidden: [
    {
      name: "no-orphans",
      comment: "Nothing imports this file and it imports nothing.",
      severity: "error",
      from: {
        orphan: true,
        pathNot: [
          PUBLIC_AUTOGRAD,
          `${NN}(terminal/)?index\\.ts$`,
          `${LINALG}index\\.ts$`,
          `${NOTEBOOK}index\\.ts$`,
          // The command, which loads what is built.
          "^packages/(notebook|interop)/bin/",
          EXAMPLES,
          `${LAB}worker\\.ts$`,
          // The page begins there.
          `${PAGE}main\\.tsx$`,
          "^packages/playground/(src/serve/start|vite\\.config)\\.ts$",
          "^(test|bench)/",
          "\\.d\\.ts$",
        ],
      },
      to: {},
    },
    {
      name: "no-unresolved",
      comment: "The import leads nowhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    ...onlyUpToOwnRow,
    ...keptApart,
    {
      name: "every-file-has-a-room",
      comment: "A file of autograd stands outside the rooms named in ROWS.",
      severity: "error",
      from: { path: AUTOGRAD, pathNot: allRooms },
      to: {},
    },
    {
      name: "every-import-has-a-room",
      comment: "A file of autograd imports one that stands outside the rooms named in ROWS.",
      severity: "error",
      from: { path: AUTOGRAD },
      to: { path: AUTOGRAD, pathNot: allRooms },
    },
    {
      name: "scalars-behind-their-seam",
      comment:
        "Outside of scalar/, its engine.ts is all that is known of it, but for the class that index.ts exports.",
      severity: "error",
      from: { path: AUTOGRAD, pathNot: inRooms(["scalar", "index.ts", "check"]) },
      to: { path: inRooms(["scalar"]), pathNot: `${AUTOGRAD}scalar/engine\\.ts$` },
    },
    {
      name: "autograd-stands-alone",
      comment: "autograd imports no package and nothing of Node; only check/ imports fast-check.",
      severity: "error",
      from: { path: AUTOGRAD, pathNot: inRooms(["check"]) },
      to: { pathNot: AUTOGRAD },
    },
    {
      name: "check-needs-only-fast-check",
      severity: "error",
      from: { path: inRooms(["check"]) },
      to: { pathNot: [AUTOGRAD, "node_modules/fast-check/"] },
    },
    {
      name: "nn-needs-only-autograd",
      comment:
        "nn imports only @adjoint/autograd, by its public name: no file behind it, no package, nothing of Node. Its entry terminal/ draws a progress bar.",
      severity: "error",
      from: { path: NN, pathNot: [NN_NODE, `${NN}terminal/`] },
      to: { pathNot: [NN, `${AUTOGRAD}index\\.ts$`] },
    },
    {
      name: "terminal-needs-only-cli-progress",
      severity: "error",
      from: { path: `${NN}terminal/` },
      to: { pathNot: [NN, "node_modules/(@types/)?cli-progress/"] },
    },
    {
      name: "terminal-stands-alone",
      comment: "Whoever imports @adjoint/nn loads nothing of terminals.",
      severity: "error",
      from: { path: NN, pathNot: `${NN}terminal/` },
      to: { path: `${NN}terminal/` },
    },
    {
      name: "node-behind-its-seam",
      comment: "Only nn/src/node, the entry @adjoint/nn/node, knows Node; nothing else of nn imports it.",
      severity: "error",
      from: { path: NN, pathNot: NN_NODE },
      to: { path: NN_NODE },
    },
    {
      name: "nn-node-needs-only-node",
      severity: "error",
      from: { path: NN_NODE },
      to: { pathNot: [NN, `${AUTOGRAD}index\\.ts$`], dependencyTypesNot: ["core"] },
    },
    {
      name: "linalg-needs-only-autograd-and-ml-matrix",
      comment:
        "linalg imports only @adjoint/autograd, by its public name, and the factorisations of ml-matrix: nothing of Node.",
      severity: "error",
      from: { path: LINALG },
      to: { pathNot: [LINALG, `${AUTOGRAD}index\\.ts$`, "node_modules/ml-matrix/"] },
    },
    {
      name: "interop-uses-the-public-names",
      comment:
        "interop reads programs and models as anyone could, by the public names of autograd and nn; nothing of Node outside cli.",
      severity: "error",
      from: { path: INTEROP, pathNot: `${INTEROP}cli/` },
      to: {
        pathNot: [INTEROP, `${AUTOGRAD}index\\.ts$`, `${NN}index\\.ts$`, "node_modules/(fflate|onnx-proto)/"],
      },
    },
    {
      name: "notebook-uses-the-public-names",
      comment: "notebook imports autograd and nn as a reader could, by their public names.",
      severity: "error",
      from: { path: NOTEBOOK },
      to: {
        path: "^(packages|test|bench)/",
        pathNot: [NOTEBOOK, PUBLIC_AUTOGRAD, `${NN}((terminal|node)/)?index\\.ts$`],
      },
    },
    {
      name: "notebook-draws-views-alone",
      comment: "What draws views, as text or as HTML, knows views and no values.",
      severity: "error",
      from: { path: `${NOTEBOOK}(views|text|html|report)/` },
      to: { path: [AUTOGRAD, NN, `${NOTEBOOK}(values|cli)/`] },
    },
    {
      name: "laboratory-uses-the-public-names",
      comment:
        "The playground's laboratory imports autograd and nn as anyone could, by their public names, what it needs for its tables and its worker, and nothing of the page.",
      severity: "error",
      from: { path: LAB },
      to: {
        pathNot: [LAB, PUBLIC_AUTOGRAD, `${NN}index\\.ts$`, "node_modules/(comlink|(@types/)?d3-dsv)/"],
      },
    },
    {
      name: "page-knows-only-the-contract",
      comment:
        "The playground's page knows of the laboratory its contract, how it is started, the link of settings, what suits the data and how long a table may be; nothing of the engine.",
      severity: "error",
      from: { path: PAGE },
      to: {
        path: "^(packages|test|bench)/",
        pathNot: [PAGE, `${LAB}(lab|client|link|defaults|data/limits)\\.ts$`],
      },
    },
    {
      name: "page-draws-without-state",
      comment: "Drawing maths is pure: it knows nothing of what is shown, and tests load it into Node.",
      severity: "error",
      from: { path: `${PAGE}(draw|place|record)` },
      to: { path: `${PAGE}(state|session|address|app|main)` },
    },
    {
      name: "examples-use-the-public-names",
      comment: "An example imports what a reader could: the packages by name, never a file behind them.",
      severity: "error",
      from: { path: EXAMPLES },
      to: {
        path: "^(packages|test|bench)/",
        pathNot: [
          "^packages/examples/",
          PUBLIC_AUTOGRAD,
          `${NN}((terminal|node)/)?index\\.ts$`,
          `${LINALG}index\\.ts$`,
          `${NOTEBOOK}index\\.ts$`,
        ],
      },
    },
  ],
  options: {
    // Type-only imports are seen too, each marked "type-only".
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|\\.cache|\\.scratch)/" },
    enhancedResolveOptions: {
      conditionNames: ["@adjoint/source", "types", "import", "node", "default"],
      exportsFields: ["exports"],
    },
  },
};
