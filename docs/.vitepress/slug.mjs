// The anchor of a heading, as the site makes it and as the test of links expects it.

/** What stands behind # in the link to a heading. Where several are equal, whoever collects them numbers them. */
export const slugOf = (heading) =>
  heading
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{Pc}\s-]/gu, "")
    .trim()
    .replace(/\s/g, "-")
    .replace(/^(\d)/, "_$1");
