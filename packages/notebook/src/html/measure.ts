// How wide text is drawn, without a screen: by estimates of the widths of common fonts, rather too wide than too narrow,
// since what is too narrow overlaps.

const NARROW = /[iljtfrI.,:;'|!()[\]{} \u200a\u2009]/;
const WIDE = /[mwMWQOG@%—…]/;
const IDEOGRAPH =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]|\p{Extended_Pictographic}/u;

/** The width of a line of a sans-serif text, in the units of `size`, its font's. */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const character of text) {
    if (IDEOGRAPH.test(character)) ems += 1.05;
    else if (NARROW.test(character)) ems += 0.37;
    else if (WIDE.test(character)) ems += 0.95;
    else if (character >= "A" && character <= "Z") ems += 0.72;
    else ems += 0.61;
  }
  return ems * size;
}

/** The text, or its beginning and an ellipsis where it is wider than `width`. */
export function shortened(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  let end = characters.length;
  while (end > 1 && textWidth(`${characters.slice(0, end).join("")}…`, size) > width) end--;
  return `${characters.slice(0, end).join("").trimEnd()}…`;
}

/** Names, each no wider than `width`. Where their beginnings alone would make two the same, their ends are kept as well. */
export function shortenedNames(names: readonly string[], width: number, size: number): string[] {
  const short = names.map((name) => shortened(name, width, size));
  const isTold = new Set(short).size === new Set(names).size;
  if (isTold) return short;
  return names.map((name) => {
    if (textWidth(name, size) <= width) return name;
    const characters = [...name];
    let kept = characters.length - 1;
    const middleLeftOut = () =>
      `${characters.slice(0, Math.floor(kept / 2)).join("")}…${characters.slice(characters.length - Math.ceil(kept / 2)).join("")}`;
    while (kept > 2 && textWidth(middleLeftOut(), size) > width) kept--;
    return middleLeftOut();
  });
}

/** The text in lines of at most `width`, broken at spaces where that is possible. */
export function wrapped(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (textWidth(longer, size) <= width || line === "") line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== "") lines.push(line);
  return lines.map((each) => shortened(each, width, size));
}
