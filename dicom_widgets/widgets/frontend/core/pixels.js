// Pixels of the screen as 32-bit words, in the byte order of the machine: red, green, blue, opaque.

export const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
export const BLACK = LITTLE ? 0xff000000 : 0xff;
/** How far red, green and blue are shifted in a word. */
export const SHIFTS = LITTLE ? [0, 8, 16] : [24, 16, 8];

/** @type {(color: string) => number} Of `#rrggbb`. */
export const wordOf = (color) => {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  return (BLACK | (r << SHIFTS[0]) | (g << SHIFTS[1]) | (b << SHIFTS[2])) >>> 0;
};

/** @type {(word: number) => number[]} */
export const rgbOf = (word) => SHIFTS.map((shift) => (word >>> shift) & 255);
