// Tables. The first column names the rows where it holds text.

import { counted } from "../views/number-text.ts";
import type { TableView } from "../views/view.ts";
import { type Markup, markup } from "./markup.ts";

/** More rows than this are not drawn: nobody reads them, and the page grows heavy. */
const MOST_ROWS = 500;

/** A table that scrolls inside of its frame where it is too wide. */
export function drawTable(view: TableView): Markup {
  const { title, columns, rows, note } = view;
  if (columns.length === 0)
    return markup`<figure class="adj-figure">${title === "" ? "" : markup`<figcaption>${title}</figcaption>`}<p class="adj-note">A table without columns. ${note}</p></figure>`;
  const side = (i: number) => (columns[i]?.align === "right" ? "adj-right" : "adj-left");
  const namesRows = columns.length > 1 && columns[0]!.align === "left";
  const head = columns.map(({ name }, i) =>
    // An empty header would be read as one.
    name === ""
      ? markup`<td class="${side(i)}"></td>`
      : markup`<th scope="col" class="${side(i)}">${name}</th>`,
  );
  const body = rows.slice(0, MOST_ROWS).map((row) => {
    const cells = columns.map((_, i) => {
      const cell = row[i] ?? "";
      return i === 0 && namesRows && cell !== ""
        ? markup`<th scope="row" class="${side(i)}">${cell}</th>`
        : markup`<td class="${side(i)}">${cell}</td>`;
    });
    return markup`<tr>${cells}</tr>`;
  });
  const notes = [
    note,
    rows.length === 0 ? "The table has no rows." : "",
    rows.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${counted(rows.length, "row")}.` : "",
  ].filter((each) => each !== "");
  const caption = title === "" ? "" : markup`<caption>${title}</caption>`;
  return markup`<div class="adj-figure adj-tabular"><div class="adj-scroll" tabindex="0" role="group" aria-label="${title === "" ? "Table" : `Table: ${title}`}"><table>${caption}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${notes.map((each) => markup`<p class="adj-note">${each}</p>`)}</div>`;
}
