// How long a table may be. Imports nothing of the engine, so that the page can refuse a file before it is read.

const MOST_CHARACTERS = 300_000;
/** A character of UTF-16 takes at most so many bytes in UTF-8. */
const BYTES = 3;

/** Why a table of so many characters is refused; undefined where it is not. */
export const whyTooLong = (characters: number): string | undefined =>
  characters <= MOST_CHARACTERS
    ? undefined
    : `the table has ${characters} characters and may have ${MOST_CHARACTERS}; leave out rows or digits`;

/** Why a file of so many bytes is refused, whatever it holds; undefined where it may be read. */
export const whyTooLarge = (bytes: number): string | undefined =>
  bytes <= BYTES * MOST_CHARACTERS
    ? undefined
    : `the file has ${bytes} bytes, and a table may have ${MOST_CHARACTERS} characters; leave out rows or digits`;
