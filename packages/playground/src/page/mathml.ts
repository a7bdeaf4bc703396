// Equations arrive as text. Only what MathML's presentation elements can say gets into the page.

const ELEMENTS = new Set(
  "math mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle mpadded mphantom msup msub msubsup mover munder munderover mtable mtr mtd".split(
    " ",
  ),
);
const ATTRIBUTES = new Set(
  "display displaystyle mathvariant stretchy symmetric fence separator form lspace rspace minsize maxsize largeop movablelimits accent accentunder columnalign columnspan rowspan linethickness width height depth scriptlevel".split(
    " ",
  ),
);
const MATHML = "http://www.w3.org/1998/Math/MathML";

/** Copies what is allowed of a tree into another document; of every other element only the text within is kept. */
export function allowedCopy(source: Node, into: Document): Node {
  const result = into.createDocumentFragment();
  for (const child of [...source.childNodes]) {
    if (child.nodeType === 3) result.append(into.createTextNode(child.nodeValue ?? ""));
    if (child.nodeType !== 1) continue;
    const element = child as Element;
    const inner = allowedCopy(element, into);
    const name = element.localName.toLowerCase();
    if (!ELEMENTS.has(name)) {
      result.append(inner);
      continue;
    }
    const copy = into.createElementNS(MATHML, name);
    for (const { name: key, value } of [...element.attributes])
      if (ATTRIBUTES.has(key)) copy.setAttribute(key, value);
    copy.append(inner);
    result.append(copy);
  }
  return result;
}

/** An equation's text as nodes of the page. */
export const mathNodes = (text: string): Node =>
  allowedCopy(new DOMParser().parseFromString(text, "text/html").body, document);
