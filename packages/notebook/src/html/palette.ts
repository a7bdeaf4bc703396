// The colours of pictures. A picture in a page has CSS variables for colours, so that the page's theme decides; a picture
// in a file has the colours themselves. Drawings take a palette and don't know which it is.
//
// Series have the hues of Okabe and Ito, "Color Universal Design" (2008), which readers with any of the common kinds of
// colour blindness tell apart; each is lighter or darker than theirs so that it has a contrast of 3:1 on the theme's
// paper (WCAG 2.2, 1.4.11). The scale of magnitudes is cividis (Nuñez, Anderton and Renslow 2018).

export type Theme = "light" | "dark";

/** The colours by name; "series0" and so on are those of a chart's layers. */
export const COLOURS: Readonly<Record<string, Readonly<Record<Theme, string>>>> = {
  paper: { light: "#ffffff", dark: "#15181c" },
  raised: { light: "#f6f7f8", dark: "#1d2127" },
  ink: { light: "#1c1e21", dark: "#e4e6e9" },
  soft: { light: "#555b63", dark: "#a6adb6" },
  line: { light: "#d9dce0", dark: "#363c45" },
  accent: { light: "#005a9c", dark: "#7ab8f0" },
  good: { light: "#00694a", dark: "#4fc79b" },
  bad: { light: "#b3261e", dark: "#ff8a80" },
  // Text on colours through which the paper shines.
  blackOnLight: { light: "#000000", dark: "#ffffff" },
  whiteOnLight: { light: "#ffffff", dark: "#000000" },
  forward: { light: "#0067a5", dark: "#5db2ec" },
  forwardFill: { light: "#e8f2fa", dark: "#142c3f" },
  backward: { light: "#b84700", dark: "#f2924e" },
  backwardFill: { light: "#fcefe5", dark: "#3a2413" },
  negative: { light: "#1f6fb4", dark: "#2873bb" },
  positive: { light: "#b84a0c", dark: "#bf5210" },
  notANumber: { light: "#c2187f", dark: "#e0489f" },
  infinite: { light: "#1b8a45", dark: "#3fb56c" },
  minusInfinite: { light: "#7a3fb0", dark: "#a877d8" },
  series0: { light: "#0067a5", dark: "#5db2ec" },
  series1: { light: "#c44b00", dark: "#f2924e" },
  series2: { light: "#008f66", dark: "#35c08f" },
  series3: { light: "#8a2766", dark: "#e38fbf" },
  series4: { light: "#8a6400", dark: "#e3b341" },
  series5: { light: "#3d7fae", dark: "#a5d3f3" },
  series6: { light: "#6b6b6b", dark: "#b9b9b9" },
};

export const SERIES = 7;

/** Colours for drawing, by the names in `COLOURS`. */
export type Palette = (name: string) => string;

const known = (name: string) => {
  const colour = COLOURS[name];
  if (colour === undefined)
    throw new RangeError(
      `palette: no colour is called ${JSON.stringify(name)}; add it to COLOURS in palette.ts`,
    );
  return colour;
};

/** The colours as CSS variables, which `variables` sets. */
export const pagePalette: Palette = (name) => {
  known(name);
  return `var(--adj-${name})`;
};

/** The colours of a theme, for a file. */
export const filePalette =
  (theme: Theme): Palette =>
  (name) =>
    known(name)[theme];

/** The colour of the layer of that number in a chart. */
export function seriesColour(palette: Palette, index: number): string {
  return palette(`series${index % SERIES}`);
}

/** The CSS that sets the variables of a theme. */
export function variables(theme: Theme): string {
  return Object.entries(COLOURS)
    .map(([name, colour]) => `--adj-${name}:${colour[theme]};`)
    .join("");
}

/** Fonts of pictures and of fixed width. Only what the reader has: a page loads no fonts. */
export const SANS =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif";
export const MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace";
