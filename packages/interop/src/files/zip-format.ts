// What the reader and the writer of zip files both know. PKWARE's APPNOTE 6.3.10, whose sections are named.

/** The first bytes of each record, as a number. */
export const signatures = {
  /** Section 4.3.7. */
  member: 0x04034b50,
  /** Section 4.3.12. */
  entry: 0x02014b50,
  /** Section 4.3.16. */
  end: 0x06054b50,
  /** Section 4.3.14. */
  largeEnd: 0x06064b50,
  /** Section 4.3.15. */
  largeEndPlace: 0x07064b50,
} as const;

/** How many bytes each record has, without what varies. */
export const lengths = { member: 30, entry: 46, end: 22, largeEnd: 56, largeEndPlace: 20 } as const;

/** Stands where a number has more than 32 bits; it is then in the extra field. */
export const TOO_LARGE = 0xffffffff;
/** Stands where a count has more than 16 bits. */
export const TOO_MANY = 0xffff;
/** The extra field of numbers of 64 bits, section 4.5.3. */
export const LARGE_NUMBERS = 0x0001;

export const STORED = 0;
export const DEFLATED = 8;

/** Names are in UTF-8, section 4.4.4. */
export const UTF8 = 0x800;
