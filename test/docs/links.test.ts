// Links of the documents, in their sources: each leads to a file of the checkout, and each anchor to a heading. What the
// built site adds to them is checked by `npm run site`.

import { existsSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { addressOf, chapters } from "../../docs/.vitepress/pages.mjs";
import { slugOf } from "../../docs/.vitepress/slug.mjs";
import { documents, proseOf, root, textOf } from "./documents.ts";

/** The targets of links and pictures in a text, without those in code. */
const linksOf = (text: string): readonly string[] =>
  [
    ...proseOf(text)
      .replaceAll(/`[^`\n]*`/g, "code")
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, link]) => link!);

/** The anchors of a document's headings; those of equal ones are numbered. */
function anchorsOf(document: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading] of proseOf(textOf(document)).matchAll(/^#{1,6} +(.*?)\s*$/gm)) {
    const slug = slugOf(heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[`*]/g, ""));
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return anchors;
}

const isElsewhere = (link: string) => /^(https?|mailto):/.test(link);

function targetOf(
  document: string,
  link: string,
): { readonly file: string; readonly anchor: string | undefined } {
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? document : posix.normalize(posix.join(posix.dirname(document), path));
  return { file, anchor };
}

/** Why a link leads nowhere; undefined where it leads somewhere. */
function complaint(document: string, link: string): string | undefined {
  const { file, anchor } = targetOf(document, link);
  if (link.startsWith("/") || file.startsWith("..")) return `${link}: outside of the checkout`;
  if (!existsSync(root + file)) return `${link}: there is no ${file}`;
  if (anchor !== undefined && !(file.endsWith(".md") && anchorsOf(file).has(decodeURIComponent(anchor))))
    return `${link}: there is no such heading in ${file}`;
  return undefined;
}

test.each(documents)("every link of %s leads somewhere", (document) => {
  const complaints = linksOf(textOf(document))
    .filter((link) => !isElsewhere(link))
    .map((link) => complaint(document, link));
  expect(complaints.filter((each) => each !== undefined)).toEqual([]);
});

test("a link to a file, a heading or a place that does not exist is found", () => {
  const found = linksOf(
    "[a](nowhere.md) `[b](code.md)` ![c](reports/none.png) [d](checking.md#nothing) [e](../../x)",
  );
  expect(found.map((link) => complaint("docs/index.md", link))).toEqual([
    "nowhere.md: there is no docs/nowhere.md",
    "reports/none.png: there is no docs/reports/none.png",
    "checking.md#nothing: there is no such heading in docs/checking.md",
    "../../x: outside of the checkout",
  ]);
});

describe("a reader's first five questions are answered within two clicks of the index", () => {
  /** Documents by the number of clicks from the index. */
  const clicks = new Map([["docs/index.md", 0]]);
  for (const [document, distance] of clicks)
    for (const link of linksOf(textOf(document)).filter((each) => !isElsewhere(each))) {
      const { file } = targetOf(document, link);
      if (documents.includes(file) && !clicks.has(file)) clicks.set(file, distance + 1);
    }

  test.each([
    ["What is it?", "docs/index.md", "You state a function once and get its derivatives"],
    ["How do I install it?", "docs/install.md", "npm install …/adjoint-autograd-"],
    ["How do I take a gradient?", "docs/guides/first-gradient.md", "console.log(grad(f)(x)); // ["],
    ["How do I make an activation of my own?", "docs/guides/custom-activation.md", 'activation("'],
    ["Is it right?", "docs/checking.md", "checkActivation(mish).verdict); // right"],
  ])("%s", (question, document, answer) => {
    expect(textOf("docs/index.md")).toContain(`**${question}**`);
    expect(clicks.get(document)).toBeLessThanOrEqual(2);
    expect(textOf(document)).toContain(answer);
  });

  test("every page of the site is reached from the index by links or stands in the sidebar", () => {
    const listed = new Set(chapters.flatMap(({ pages }) => pages.map(([, page]) => page)));
    const pages = documents.filter((document) => document !== "README.md");
    expect(pages.filter((page) => !listed.has(addressOf(page) ?? page) && !clicks.has(page))).toEqual([]);
  });
});

test("the form for questions leads to the five answers", () => {
  const form = textOf(".github/ISSUE_TEMPLATE/question.yml");
  const answers = [...form.matchAll(/\d\. (.*\?) \[.*\]\(\.\.\/blob\/HEAD\/(.*)\)/g)];
  expect(answers.map(([, , file]) => file).filter((file) => !existsSync(root + file!))).toEqual([]);
  expect(answers).toHaveLength(5);
});
