// A box that scrolls where it is too small. It can be reached, and then scrolled, by keyboard.

import type { ComponentChildren } from "preact";

/** The box, named for screen readers. */
export function Scrolls({
  label,
  class: name = "",
  children,
}: {
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class={`scrolls ${name}`} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
