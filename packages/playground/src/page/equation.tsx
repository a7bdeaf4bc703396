// An equation that the laboratory has written as MathML.

import { useLayoutEffect, useRef } from "preact/hooks";
import { mathNodes } from "./mathml.ts";

/** Shows the equation; one that is too wide scrolls, by keyboard too. */
export function Equation({ math, label }: { readonly math: string; readonly label: string }) {
  const ref = useRef<HTMLElement>(null);
  useLayoutEffect(() => ref.current!.replaceChildren(mathNodes(math)), [math]);
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by keyboard
  return <section class="equation" ref={ref} tabIndex={0} aria-label={label} />;
}
