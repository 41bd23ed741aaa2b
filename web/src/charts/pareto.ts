export type Better = "min" | "max";

interface Place {
  x: number;
  y: number;
}

/** The points that no other beats in both values, from left to right. */
export function paretoFront<Point extends Place>(
  points: readonly Point[],
  xBetter: Better,
  yBetter: Better,
): Point[] {
  const sx = xBetter === "min" ? 1 : -1;
  const sy = yBetter === "min" ? 1 : -1;
  const front: Point[] = [];
  let best = Infinity;
  for (const point of points.toSorted((a, b) => sx * (a.x - b.x) || sy * (a.y - b.y))) {
    if (sy * point.y >= best) continue;
    best = sy * point.y;
    front.push(point);
  }
  return front.toSorted((a, b) => a.x - b.x);
}

/** Round ticks that cover a range. */
export function ticks(low: number, high: number, about: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const from = Math.ceil(low / step - 1e-9);
  const to = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => Number(((from + at) * step).toPrecision(12)));
}
