export const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

export const BLACK = LITTLE ? 0xff000000 : 0xff;

export const wordOf = color => { // of #rrggbb
  const [r, g, b] = [1, 3, 5].map(i => parseInt(color.slice(i, i + 2), 16));
  return (LITTLE ? 0xff000000 | b << 16 | g << 8 | r : r << 24 | g << 16 | b << 8 | 0xff) >>> 0;
};

export const rgbOf = word => (LITTLE ? [0, 8, 16] : [24, 16, 8]).map(shift => word >>> shift & 255);
