// Which Markdown files of the checkout are pages, under which address, and in which order a reader meets them.

/** Where each page that does not lie in docs/ stands in the site; those in docs/ keep their place there. */
export const elsewhere = {
  "ARCHITECTURE.md": "architecture.md",
  "CHANGELOG.md": "changelog.md",
  "CONTRIBUTING.md": "contributing.md",
  "packages/autograd/README.md": "packages/autograd.md",
  "packages/nn/README.md": "packages/nn.md",
  "packages/linalg/README.md": "packages/linalg.md",
  "packages/interop/README.md": "packages/interop.md",
  "packages/notebook/README.md": "packages/notebook.md",
  "packages/examples/README.md": "packages/examples.md",
};

/** The site's address of a Markdown file of the checkout, or undefined where it is no page. */
export const addressOf = (file) => elsewhere[file] ?? (file.startsWith("docs/") ? file.slice(5) : undefined);

/** The pages by chapters, as the sidebar and llms.txt list them: title and file in docs/ or address. */
export const chapters = [
  {
    title: "Start",
    pages: [
      ["What it is", "index.md"],
      ["Install", "install.md"],
      ["First gradient", "guides/first-gradient.md"],
    ],
  },
  {
    title: "Guides",
    pages: [
      ["Shapes as types", "guides/shapes.md"],
      ["Custom activation", "guides/custom-activation.md"],
      ["Custom primitive", "guides/custom-primitive.md"],
      ["Functions with their own rule", "guides/own-rule.md"],
      ["Checking a gradient", "checking.md"],
      ["Compiling", "guides/compiling.md"],
      ["vmap and scan", "guides/vmap-and-scan.md"],
      ["Training", "guides/training.md"],
      ["Saving and resuming", "guides/saving.md"],
      ["Notebooks", "packages/notebook.md"],
      ["Scaling out", "guides/scaling-out.md"],
      ["Publishing an extension", "guides/publishing.md"],
      ["Seventeen tasks of research", "tasks.md"],
    ],
  },
  {
    title: "Coming from",
    pages: [
      ["PyTorch", "from/pytorch.md"],
      ["JAX", "from/jax.md"],
      ["TensorFlow.js", "from/tensorflow-js.md"],
      ["micrograd", "from/micrograd.md"],
    ],
  },
  {
    title: "The lecture",
    pages: [
      ["The lecture and its errata", "lecture.md"],
      ["Experiments", "packages/examples.md"],
      ["Reports", "reports.md"],
    ],
  },
  {
    title: "Reference",
    pages: [
      ["API reference", "api/index.md"],
      ["Words", "words.md"],
      ["Kinks and edges", "edges.md"],
      ["@adjoint/autograd", "packages/autograd.md"],
      ["@adjoint/nn", "packages/nn.md"],
      ["@adjoint/linalg", "packages/linalg.md"],
      ["@adjoint/interop", "packages/interop.md"],
      ["Operators of ONNX models", "onnx-operators.md"],
      ["Benchmarks, Node 20", "benchmarks.md"],
      ["Benchmarks, Node 24", "benchmarks-node-24.md"],
      ["Changelog", "changelog.md"],
      ["Architecture", "architecture.md"],
      ["Contributing", "contributing.md"],
    ],
  },
];
