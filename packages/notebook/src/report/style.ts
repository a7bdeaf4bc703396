// The style of a report: a column of text as in a well set paper, with room around it, into which pictures and code may go.

import { MONO, SANS } from "../html/palette.ts";
import { colourStyle, viewStyle } from "../html/style.ts";
import { codeVariables } from "./code.ts";

const SERIF =
  "Charter, 'Bitstream Charter', 'Iowan Old Style', 'Source Serif 4', 'Palatino Linotype', Georgia, 'Liberation Serif', serif";

/** The style sheet of every report, but for its formulas. */
export const reportStyle: string = `${colourStyle}
:root{${codeVariables("light")}}
@media screen and (prefers-color-scheme:dark){:root{${codeVariables("dark")}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
body{margin:0;background:var(--adj-paper);color:var(--adj-ink);font-family:${SERIF};font-size:1.0625rem;line-height:1.62;font-kerning:normal;text-rendering:optimizeLegibility}
#page{display:grid;grid-template-columns:minmax(0,60rem);justify-content:center;gap:0 3.5rem;padding:clamp(1.25rem,4vw,4rem) clamp(1rem,4vw,2.5rem) 5rem}
#page>*{grid-column:1;min-width:0}
.skip{position:absolute;left:-999rem;top:0;padding:.6em 1em;background:var(--adj-paper);color:var(--adj-accent);font-family:${SANS};z-index:2}
.skip:focus{left:0}
#live{position:fixed;right:1rem;bottom:.75rem;font:.8125rem ${SANS};color:var(--adj-soft)}
a{color:var(--adj-accent);text-underline-offset:.15em;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--adj-accent);outline-offset:2px;border-radius:2px}
h1,h2,h3,h4,h5,h6{font-weight:600;line-height:1.25;text-wrap:balance;overflow-wrap:anywhere;margin:2em 0 .6em}
h1{font-size:clamp(1.7rem,1.3rem + 2vw,2.35rem);letter-spacing:-.012em;margin:0 0 .75rem}
h2{font-size:1.42rem;letter-spacing:-.006em}
h3{font-size:1.16rem}h4,h5,h6{font-size:1.0625rem}
.facts{display:flex;flex-wrap:wrap;gap:.15rem 1.35rem;margin:0;padding:.75rem 0;border-top:1px solid var(--adj-line);border-bottom:1px solid var(--adj-line);font:.8125rem/1.6 ${SANS};color:var(--adj-soft)}
.facts div{display:flex;gap:.4em;min-width:0}
.facts dd{margin:0;color:var(--adj-ink);font-variant-numeric:tabular-nums;overflow-wrap:anywhere;min-width:0}
.contents{font:.875rem/1.45 ${SANS};margin:1.5rem 0 0}
.contents p{margin:0 0 .4em;font-weight:600;color:var(--adj-soft)}
.contents ol{margin:0;padding:0;list-style:none}
.contents li{margin:.32em 0}
.contents a{text-decoration:none;overflow-wrap:anywhere}
.contents a:hover{text-decoration:underline}
.cell{margin:0 0 2.25rem}
.cell+.cell>h2:first-child{margin-top:2.75rem}
.facts,.prose>*,.adj-markdown>*{max-width:44rem}
.prose .adj-formula,.adj-markdown>.adj-formula{width:fit-content;min-width:min(44rem,100%);max-width:100%}
.prose>:has(>.adj-formula){max-width:none}
.prose>:first-child{margin-top:0}
.prose p,.prose ul,.prose ol,.prose blockquote{margin:0 0 1em}
.prose li{margin:.25em 0}
.prose{margin:1.1em 0;overflow-wrap:break-word}
main>.cell:first-child>.prose:first-child{font-size:1.0625em}
.prose blockquote,.adj-markdown blockquote{margin-left:0;padding-left:1em;border-left:3px solid var(--adj-line);color:var(--adj-soft)}
.prose code,.adj-markdown code{font-family:${MONO};font-size:.86em;background:var(--adj-raised);border-radius:3px;padding:.1em .3em;overflow-wrap:anywhere}
.prose table{border-collapse:collapse;font:.875rem/1.4 ${SANS};margin:0 0 1em}
.prose th,.prose td{padding:.3em 1em .3em 0;border-bottom:1px solid var(--adj-line);text-align:left}
.prose img{max-width:100%;height:auto}
hr{border:0;border-top:1px solid var(--adj-line);margin:2em 0}
.code{font-family:${MONO};font-size:.8125rem;line-height:1.58;margin:1.1em 0;padding:.8em 1em .8em 0;border-radius:6px;background:var(--adj-code-background);color:var(--adj-code-foreground);overflow-x:auto;tab-size:2}
.code code{display:block;min-width:max-content}
.code .line{counter-increment:line}
.code .line::before{content:counter(line);content:counter(line) / "";display:inline-block;width:2.6em;margin-right:1.1em;text-align:right;color:var(--adj-soft);font-size:.92em;user-select:none}
.failed-line{display:inline-block;min-width:100%;background:color-mix(in srgb,var(--adj-bad) 14%,transparent);box-shadow:inset 3px 0 var(--adj-bad)}
.long{margin:1.1em 0;font:.875rem ${SANS}}
.long>summary{cursor:pointer;color:var(--adj-soft)}
.outputs{--adj-gap:1.4rem;display:grid;grid-template-columns:minmax(0,1fr);gap:var(--adj-gap);margin:1.35rem 0 1.6rem}
.outputs>.adj-view:empty{display:none}
.printed{border-left:2px solid var(--adj-line);padding-left:.9rem}
.printed.error{border-left-color:var(--adj-bad)}
.stream{display:block;font-size:.75rem;color:var(--adj-bad)}
.error p{margin:0 0 .25em;color:var(--adj-bad)}
.outputs div.error{border-left:3px solid var(--adj-bad);padding-left:.9rem}
.outputs .message{white-space:pre-wrap;overflow-wrap:anywhere}
.progress{display:flex;flex-wrap:wrap;gap:.3em .9em;align-items:center;margin:0;font-size:.8125rem;color:var(--adj-soft)}
.progress progress{accent-color:var(--adj-accent)}
.timing{font:.75rem/1.4 ${SANS};color:var(--adj-soft);text-align:right;margin:.2rem 0 0;font-variant-numeric:tabular-nums}
footer{font:.8125rem/1.5 ${SANS};color:var(--adj-soft);border-top:1px solid var(--adj-line);padding-top:.75rem;margin-top:1rem;overflow-wrap:anywhere}
${viewStyle}
@media (min-width:1180px){
#page.has-contents{grid-template-columns:12rem minmax(0,60rem)}
#page.has-contents>*{grid-column:2}
#page.has-contents>.contents{grid-column:1;grid-row:1 / span 3;position:sticky;top:2rem;align-self:start;margin:.6rem 0 0;max-height:calc(100vh - 4rem);overflow-y:auto}
}
@media print{
@page{margin:18mm 16mm}
body{font-size:10.5pt}
#page,#page.has-contents{display:block;padding:0}
.skip,#live,.contents{display:none}
details:not(.adj-long)::details-content{display:block!important;content-visibility:visible!important;block-size:auto!important}
details>summary{list-style:none}
.code,.adj-text{white-space:pre-wrap;overflow-wrap:anywhere;overflow:visible}
.code code{min-width:0}
h1,h2,h3,h4{break-after:avoid}
.code .line{break-inside:avoid}
a{color:inherit}
}
`;
