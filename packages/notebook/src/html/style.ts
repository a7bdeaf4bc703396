// The style of views. Colours are the variables of palette.ts; sizes are relative to the text around.

import { MONO, SANS, variables } from "./palette.ts";

/** The colours of both themes. Paper that is printed is light. */
export const colourStyle: string = `:root{color-scheme:light dark;${variables("light")}}
@media screen and (prefers-color-scheme:dark){:root{${variables("dark")}}}`;

/** The style of everything that a view becomes. */
export const viewStyle: string = `
.adj-view{font-family:${SANS};font-size:.9375rem;line-height:1.5;color:var(--adj-ink);min-width:0}
.adj-figure{margin:0;min-width:0}
.adj-figure>figcaption,.adj-view caption,.adj-group>.adj-title{font-weight:600;text-align:left;margin:0 0 .5em;padding:0;line-height:1.35;overflow-wrap:anywhere}
.adj-view caption{margin:0;padding:0 0 .5em}
.adj-legend{list-style:none;display:flex;flex-wrap:wrap;gap:.15em 1.25em;margin:0 0 .5em;padding:0;font-size:.8125rem;color:var(--adj-ink)}
.adj-legend li{display:flex;align-items:center;gap:.45em;margin:0;min-width:0;overflow-wrap:anywhere}
.adj-legend svg{flex:none}
.adj-note{margin:.5em 0 0;font-size:.8125rem;color:var(--adj-soft);max-width:44rem;overflow-wrap:anywhere}
.adj-scroll{overflow-x:auto;max-width:100%}
.adj-view :focus-visible{outline:2px solid var(--adj-accent);outline-offset:2px;border-radius:2px}
.adj-view svg.adj-picture{display:block;max-width:none}
.adj-view .adj-scroll svg.adj-picture{max-width:100%;height:auto}
.adj-chart,.adj-shrinks{max-width:100%}
.adj-chart{container-type:inline-size}
.adj-view .adj-chart svg.adj-picture,.adj-view .adj-shrinks svg.adj-picture{max-width:100%;height:auto}
.adj-narrow,.adj-view .adj-chart svg.adj-narrow{display:none}
@container (max-width:579px){.adj-view .adj-chart svg.adj-narrow{display:block}.adj-view .adj-chart svg.adj-wide{display:none}}
@media screen and (prefers-color-scheme:dark){.adj-ink{filter:invert(1) hue-rotate(180deg)}}
.adj-view img.adj-svg{display:block;max-width:100%;height:auto}
.adj-view table{border-collapse:collapse;font-size:.875rem;line-height:1.4;font-variant-numeric:tabular-nums;border-bottom:1px solid var(--adj-soft);margin:0}
.adj-view thead tr{border-top:1px solid var(--adj-soft);border-bottom:1px solid var(--adj-soft)}
.adj-view thead th{font-weight:600;vertical-align:bottom}
.adj-view td,.adj-view th{padding:.3em .9em .3em 0;text-align:left}
.adj-view td:last-child,.adj-view th:last-child{padding-right:.1em}
.adj-view tbody th{font-weight:400}
.adj-view tbody tr+tr{border-top:1px solid var(--adj-line)}
.adj-view td.adj-right,.adj-view th.adj-right{text-align:right;white-space:nowrap}
.adj-view .adj-left{max-width:28em;overflow-wrap:break-word}
.adj-text{font-family:${MONO};font-size:.8125rem;line-height:1.5;margin:0;white-space:pre;overflow-x:auto;tab-size:2}
.adj-details{margin:.5em 0 0;font-size:.8125rem}
.adj-details>summary{cursor:pointer;color:var(--adj-soft);width:max-content;max-width:100%}
.adj-details>.adj-text{margin-top:.5em}
.adj-finding{display:grid;grid-template-columns:1.4em minmax(12em,1fr) minmax(0,auto) auto;gap:.1em .75em;align-items:baseline;padding:.45em 0;border-top:1px solid var(--adj-line);border-bottom:1px solid var(--adj-line)}
.adj-sign{font-weight:700}
.adj-values{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.adj-values span{color:var(--adj-soft);font-size:.875em;margin-left:.4em}
.adj-what{overflow-wrap:anywhere}
.adj-verdict{font-size:.8125rem}
.adj-good .adj-sign,.adj-good .adj-verdict{color:var(--adj-good)}
.adj-bad .adj-sign,.adj-bad .adj-verdict{color:var(--adj-bad);font-weight:600}
.adj-open .adj-sign,.adj-open .adj-verdict{color:var(--adj-soft)}
@media (max-width:599px){.adj-finding{grid-template-columns:1.4em minmax(0,1fr)}.adj-values,.adj-verdict{grid-column:2}}
.adj-group>.adj-parts{display:flex;flex-direction:column;gap:1.25rem;min-width:0}
.adj-group.adj-row>.adj-parts{flex-flow:row wrap;gap:1.25rem 1.75rem;align-items:flex-start}
.adj-group.adj-row>.adj-parts>*{min-width:0;max-width:100%}
.adj-group.adj-row>.adj-parts>.adj-fills{flex:1 1 18rem}
.adj-group.adj-row>.adj-parts>.adj-yields{flex:1 1 14rem;max-width:max-content}
.adj-group.adj-row>.adj-parts>.adj-plane{flex:0 1 21.25rem}
.adj-view.adj-kind-markdown{font:inherit}
.adj-kind-finding+.adj-kind-finding{margin-top:calc(-1px - var(--adj-gap,0px))}
.adj-markdown>:first-child{margin-top:0}.adj-markdown>:last-child{margin-bottom:0}
.adj-formula{display:block;overflow-x:auto;overflow-y:hidden;padding:.25em 0}
.adj-formula .katex-display{margin:.35em 0}
.adj-wrong{color:var(--adj-bad)}.adj-wrong-why{color:var(--adj-soft);font-size:.8125rem}
.adj-failed{border-left:3px solid var(--adj-bad);padding:.4em .9em;background:var(--adj-raised);overflow-wrap:anywhere}
@media print{.adj-scroll{overflow:visible}.adj-figure,.adj-finding{break-inside:avoid}.adj-text{white-space:pre-wrap;overflow-wrap:anywhere}}
`;
