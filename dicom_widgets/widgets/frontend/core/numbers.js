// Numbers, and how they are written.

/** @type {(x: number, low: number, high: number) => number} */
export const clamp = (x, low, high) => Math.max(low, Math.min(high, x));

/** @type {(x: number) => number} */
export const cents = (x) => Math.round(x * 100) / 100;

/**
 * Writes n significant digits as Python's `:g` does: a tie goes to the even digit.
 * @param {number} x
 * @param {number} n
 */
export function digits(x, n) {
  if (!x || !Number.isFinite(x)) return String(x || 0);
  const all = x.toExponential(60).replace(/e.*/, "");
  const tail = x < 0 ? n + 2 : n + 1;
  const [power] = /** @type {RegExpExecArray} */ (/e.*/.exec(x.toExponential(n - 1)));
  const even = /^50*$/.test(all.slice(tail)) && /[02468]\.?$/.test(all.slice(0, tail));
  const rounded = even ? all.slice(0, tail) + x.toExponential(60).replace(/^[^e]*/, "") : x.toExponential(n - 1);
  const exponent = +power.slice(1);
  if (exponent >= -4 && exponent < n) return String(+rounded);
  return `${+rounded.replace(/e.*/, "")}e${power[1]}${power.slice(2).padStart(2, "0")}`;
}

/**
 * Writes four significant digits, and no exponent as long as the value is of a usual size.
 * @param {number} value
 */
export function fourDigits(value) {
  const usual = Math.abs(value) >= 1e-6 && Math.abs(value) < 1e9;
  if (!Number.isFinite(value) || (value && !usual)) return digits(value, 4);
  const places = value ? Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))) : 0;
  return String(+(Math.floor(value * 10 ** places + 0.5) / 10 ** places).toFixed(places));
}
