export const inRegion = r => ([x, y]) => r.left <= Math.floor(x + 0.5) && Math.floor(x + 0.5) <= r.right && r.top <= Math.floor(y + 0.5) && Math.floor(y + 0.5) <= r.bottom;

export const scaled = ({unit, delta, origin, value}, at) => [(at - origin) * delta + value, unit];

export const SOURCE = "Sequence of Ultrasound Regions (0018,6011)";
