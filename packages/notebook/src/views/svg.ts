// Pictures that were made elsewhere.

import { kindOf } from "./check.ts";
import type { SvgView } from "./view.ts";

/**
 * An SVG picture: its text, or an element that has it as `outerHTML`. `alternative` says what is to be seen, for those who
 * can't see it. Throws TypeError for what is no SVG.
 */
export function svg(picture: string | { readonly outerHTML: string }, alternative = "a picture"): SvgView {
  const text = typeof picture === "string" ? picture : picture?.outerHTML;
  if (typeof text !== "string" || !isSvg(text))
    throw new TypeError(
      `svg: got ${typeof text === "string" ? `text that begins with "${text.slice(0, 20)}"` : kindOf(picture)}; give a picture that begins with <svg …>`,
    );
  if (typeof alternative !== "string" || alternative === "")
    throw new TypeError("svg: say what is to be seen in the picture, for those who can't see it");
  return { kind: "svg", svg: text, alternative };
}

/** Whether a text is an SVG document, perhaps with a declaration or comments in front. */
export const isSvg = (text: string): boolean =>
  /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i.test(text.slice(0, 4000));
