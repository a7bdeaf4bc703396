import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";
import { links } from "./markdown.ts";
import { chapters, elsewhere } from "./pages.mjs";
import { slugOf } from "./slug.mjs";

const root = join(import.meta.dirname, "../..");
const isThere = (page: string) =>
  page.startsWith("api/") || Object.values(elsewhere).includes(page) || existsSync(join(root, "docs", page));
const linkOf = (page: string) => `/${page.replace(/(^|(?<=\/))index\.md$/, "").replace(/\.md$/, "")}`;

const sidebar = chapters.map(({ title, pages }) => ({
  text: title,
  // What is listed and not written yet is left out.
  items: pages.filter(([, page]) => isThere(page!)).map(([text, page]) => ({ text, link: linkOf(page!) })),
}));

const theme = (at: string, name: string) => ({ text: name, link: `/api/${at}/#${slugOf(name)}` });
const reference = [
  { text: "API reference", link: "/api/" },
  {
    text: "@adjoint/autograd",
    link: "/api/autograd/",
    items: [
      "Derivatives",
      "Tensors and variables",
      "Shapes and types",
      "Functions of one element",
      "Functions with their own rule",
      "Custom primitives",
      "Loops, branches and batches",
      "Compiling",
      "Random numbers",
      "Convolution and pooling",
      "More operations",
      "Trees and variables",
      "Programs and tapes",
      "Scalars",
      "Errors",
    ].map((name) => theme("autograd", name)),
  },
  { text: "@adjoint/autograd/check", link: "/api/autograd/check/" },
  {
    text: "@adjoint/nn",
    link: "/api/nn/",
    items: [
      "Models",
      "Layers",
      "Activations",
      "First weights",
      "Losses",
      "Optimizers",
      "Schedules",
      "Training",
      "Metrics",
      "Monitors",
      "Search for hyperparameters",
      "Files",
    ].map((name) => theme("nn", name)),
  },
  { text: "@adjoint/nn/node", link: "/api/nn/node/" },
  { text: "@adjoint/nn/terminal", link: "/api/nn/terminal/" },
  { text: "@adjoint/linalg", link: "/api/linalg/" },
  { text: "@adjoint/interop", link: "/api/interop/" },
  {
    text: "@adjoint/notebook",
    link: "/api/notebook/",
    items: ["Scripts", "Views"].map((name) => theme("notebook", name)),
  },
];

const playground = existsSync(join(root, "packages/playground/dist"))
  ? [{ text: "Playground", link: "/playground/", target: "_self" }]
  : [];

export default defineConfig({
  title: "Adjoint",
  description: "Automatic differentiation and neural networks in TypeScript.",
  lang: "en",
  base: process.env["ADJOINT_SITE_BASE"] ?? "/",
  rewrites: Object.fromEntries(
    Object.entries(elsewhere).map(([file, address]) => [`copied/${file}`, address]),
  ),
  outDir: "./dist",
  cacheDir: "./.cache",
  head: [
    [
      "link",
      { rel: "icon", href: `${process.env["ADJOINT_SITE_BASE"] ?? "/"}icon.svg`, type: "image/svg+xml" },
    ],
  ],
  // The address of the playground is another program's, which is copied beside the pages.
  ignoreDeadLinks: [/^\/playground\//, /^\/source\//, /^\/llms/],
  markdown: {
    anchor: { slugify: slugOf },
    config: links,
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  },
  transformPageData(page) {
    if (page.relativePath.startsWith("api/")) page.frontmatter["pageClass"] = "reference";
    if (page.relativePath === "index.md") page.frontmatter["aside"] = false;
  },
  themeConfig: {
    logo: "/icon.svg",
    search: {
      provider: "local",
      // Functions have no place here: the page would make them from text, which a policy without eval forbids.
      options: {
        miniSearch: {
          searchOptions: {
            fuzzy: 0.1,
            prefix: true,
            boost: { title: 12, titles: 2, text: 1 },
          },
        },
      },
    },
    nav: [
      { text: "Guides", link: "/guides/first-gradient", activeMatch: "^/guides/" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
      ...playground,
    ],
    sidebar: { "/api/": reference, "/": sidebar },
    outline: { level: [2, 3] },
    docFooter: { prev: "Previous", next: "Next" },
    footer: { message: "MIT licence. No request leaves this site." },
  },
  vite: {
    publicDir: join(import.meta.dirname, "public"),
    resolve: {
      alias: {
        "@adjoint/autograd": join(root, "packages/autograd/src/index.ts"),
        "@adjoint/nn": join(root, "packages/nn/src/index.ts"),
      },
    },
    build: { chunkSizeWarningLimit: 4000 },
  },
});
