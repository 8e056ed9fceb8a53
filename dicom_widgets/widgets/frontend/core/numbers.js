export const clamp = (x, low, high) => Math.max(low, Math.min(high, x));

export const cents = x => Math.round(x * 100) / 100;

export function digits(x, n) { // n significant digits as Python's :g writes them: a tie goes to the even digit
  if (!x || !Number.isFinite(x)) return String(x || 0);
  const [all, tail] = [x.toExponential(60).replace(/e.*/, ""), x < 0 ? n + 2 : n + 1], power = /e.*/.exec(x.toExponential(n - 1))[0];
  const even = /^50*$/.test(all.slice(tail)) && /[02468]\.?$/.test(all.slice(0, tail));
  const rounded = even ? `${all.slice(0, tail)}${/e.*/.exec(x.toExponential(60))[0]}` : x.toExponential(n - 1), exponent = +power.slice(1);
  if (exponent >= -4 && exponent < n) return String(+rounded);
  return `${+rounded.replace(/e.*/, "")}e${power[1]}${power.slice(2).padStart(2, "0")}`;
}

export function fourDigits(value) { // four significant digits, and no exponent as long as it is of a usual size
  if (!Number.isFinite(value) || (value && !(Math.abs(value) >= 1e-6 && Math.abs(value) < 1e9))) return digits(value, 4);
  const places = value ? Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))) : 0;
  return String(+(Math.floor(value * 10 ** places + 0.5) / 10 ** places).toFixed(places));
}
