// The checksum of zip files. https://www.w3.org/TR/png-3/#D-CRCAppendix

const table = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = (c & 1) === 0 ? c >>> 1 : (c >>> 1) ^ 0xedb88320;
  return c;
});

/** The cyclic redundancy check of 32 bits, reflected 0x04c11db7: 0xcbf43926 for the characters 1 to 9. */
export function crc32(bytes: Uint8Array): number {
  let c = -1;
  for (let i = 0; i < bytes.length; i++) c = table[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
  return ~c >>> 0;
}
