import uPlot from "uplot";
import type { CanvasColors } from "@/charts/palette";
import type { Frame, LineSeries } from "@/charts/series";

export type XAxis = "step" | "epoch" | "time" | "elapsed";

export interface LineLook {
  xAxis: XAxis;
  log: boolean;
  smoothing: number;
  best: "min" | "max" | null;
  hidden: ReadonlySet<string>;
  groupKey: string | null;
  /** `step` is how far the ticks stand apart. */
  formatX: (value: number, step: number) => string;
  formatY: (value: number) => string;
  colors: () => CanvasColors;
  onCursor: (plot: uPlot) => void;
  onSelect: (plot: uPlot) => void;
  onReset: () => void;
  /** Whether a press begins a pan instead of a selection. */
  pans: (event: MouseEvent) => boolean;
}

export function colorOf(series: LineSeries, place: number, colors: CanvasColors): string {
  const hue = series.hue ?? (place % colors.hues.length) + 1;
  return colors.hues[hue - 1] ?? colors.ink;
}

function faint(color: string, share: number): string {
  return `color-mix(in srgb, ${color} ${Math.round(share * 100)}%, transparent)`;
}

/** Points with a gap, or nothing, on both sides: no line would show them. */
function lonely(plot: uPlot, column: number): number[] {
  const cells = plot.data[column] ?? [];
  const found: number[] = [];
  let before = false;
  let last = -1;
  cells.forEach((cell, at) => {
    if (cell === undefined) return;
    const here = cell !== null;
    if (!here && before && last >= 0) found.push(last);
    last = here && !before ? at : -1;
    before = here;
  });
  if (last >= 0) found.push(last);
  return found;
}

interface Layer {
  column: (frame: Frame) => readonly (number | null | undefined)[];
  options: uPlot.Series;
}

function layersOf(series: readonly LineSeries[], look: LineLook) {
  const layers: Layer[] = [];
  const bands: uPlot.Band[] = [];
  series.forEach((one, place) => {
    const color = () => colorOf(one, place, look.colors());
    const show = !look.hidden.has(one.id);
    const edge = { show, stroke: "transparent", width: 0, points: { show: false } };
    if (one.min && one.max) {
      const top = layers.length + 1;
      layers.push({ column: (frame) => frame.columns[place]?.max ?? [], options: edge });
      layers.push({ column: (frame) => frame.columns[place]?.min ?? [], options: edge });
      bands.push({ series: [top, top + 1], fill: () => faint(color(), 0.16) });
    }
    const points = { size: 5, filter: lonely };
    const raw: uPlot.Series = {
      label: one.label,
      show,
      stroke: () => (look.smoothing > 0 ? faint(color(), 0.28) : color()),
      width: look.smoothing > 0 ? 1 : 1.75,
      points: look.smoothing > 0 ? { show: false } : points,
      ...(one.dashed ? { dash: [5, 4] } : {}),
    };
    layers.push({ column: (frame) => frame.columns[place]?.y ?? [], options: raw });
    if (look.smoothing > 0) {
      layers.push({
        column: (frame) => frame.columns[place]?.smooth ?? [],
        options: { ...raw, stroke: color, width: 1.75, points },
      });
    }
  });
  return { layers, bands };
}

/** A ring at each series' best value, on top of the lines. */
function drawBest(plot: uPlot, series: readonly LineSeries[], look: LineLook, frame: Frame) {
  if (!look.best) return;
  const colors = look.colors();
  const { ctx } = plot;
  series.forEach((one, place) => {
    if (look.hidden.has(one.id)) return;
    const cells = frame.columns[place]?.y ?? [];
    let best = -1;
    let value = look.best === "min" ? Infinity : -Infinity;
    for (let at = 0; at < cells.length; at += 1) {
      const cell = cells[at];
      if (cell === null || cell === undefined) continue;
      if (look.best === "min" ? cell < value : cell > value) {
        value = cell;
        best = at;
      }
    }
    const x = frame.x[best];
    if (x === undefined) return;
    const left = plot.valToPos(x, "x", true);
    const top = plot.valToPos(value, "y", true);
    const { left: x0, width, top: y0, height } = plot.bbox;
    if (left < x0 || left > x0 + width || top < y0 || top > y0 + height) return;
    const ratio = uPlot.pxRatio;
    ctx.save();
    ctx.beginPath();
    ctx.arc(left, top, 4 * ratio, 0, Math.PI * 2);
    ctx.fillStyle = colors.raised;
    ctx.fill();
    ctx.lineWidth = 2 * ratio;
    ctx.strokeStyle = colorOf(one, place, colors);
    ctx.stroke();
    ctx.restore();
  });
}

/** Steps of a clock, for spans of time: nobody counts in hundreds of seconds. */
const CLOCK = [0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800];

function axes(look: LineLook): uPlot.Axis[] {
  const shared = {
    stroke: () => look.colors().muted,
    grid: { stroke: () => look.colors().line, width: 1 },
    ticks: { show: false },
    font: look.colors().font,
    gap: 6,
  };
  return [
    {
      ...shared,
      grid: { show: false },
      size: 28,
      space: 72,
      ...(look.xAxis === "elapsed" ? { incrs: CLOCK } : {}),
      values: (_: uPlot, ticks: number[], _axis: number, _space: number, step: number) =>
        ticks.map((tick) => look.formatX(tick, step)),
    },
    {
      ...shared,
      space: 36,
      size: (_: uPlot, values: string[] | null) => {
        const longest = Math.max(0, ...(values ?? []).map((value) => value?.length ?? 0));
        return Math.max(36, longest * 6.8 + 14);
      },
      values: (_: uPlot, ticks: (number | null)[]) =>
        ticks.map((tick) => (tick === null ? "" : look.formatY(tick))),
    },
  ];
}

/** Everything uPlot is told about a chart, and how a frame becomes its columns. */
export function lineOptions(
  series: readonly LineSeries[],
  look: LineLook,
  size: { width: number; height: number },
  frame: () => Frame,
) {
  const { layers, bands } = layersOf(series, look);
  const options: uPlot.Options = {
    ...size,
    padding: [10, 12, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, dist: 4, setScale: false },
      points: { size: 7, width: 2 },
      bind: {
        dblclick: () => () => {
          look.onReset();
          return null;
        },
        mousedown: (_plot, _target, handler) => (event) => {
          if (!look.pans(event)) handler(event);
          return null;
        },
      },
      ...(look.groupKey ? { sync: { key: look.groupKey, scales: ["x", null] } } : {}),
    },
    scales: { x: { time: look.xAxis === "time" }, y: { distr: look.log ? 3 : 1 } },
    series: [{}, ...layers.map((layer) => layer.options)],
    bands,
    axes: axes(look),
    hooks: {
      draw: [(plot) => drawBest(plot, series, look, frame())],
      setCursor: [look.onCursor],
      setSelect: [look.onSelect],
    },
  };
  const data = (from: Frame) =>
    [from.x, ...layers.map((layer) => layer.column(from))] as unknown as uPlot.AlignedData;
  return { options, data };
}
