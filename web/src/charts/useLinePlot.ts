import { useDebounceFn, useResizeObserver } from "@vueuse/core";
import uPlot from "uplot";
import { onBeforeUnmount, onMounted, shallowRef, watch, type Ref } from "vue";
import { joinGroup, type XRange } from "@/charts/group";
import { lineOptions, type LineLook } from "@/charts/lineOptions";
import { canvasColors, useThemeVersion, type CanvasColors } from "@/charts/palette";
import { useNavigation } from "@/charts/useNavigation";
import { align, type Frame, type LineSeries } from "@/charts/series";

/** What the plot adds to the look by itself. */
type Own = "groupKey" | "colors" | "onCursor" | "onSelect" | "onReset" | "pans";

export interface LinePlot {
  series: () => readonly LineSeries[];
  look: () => Omit<LineLook, Own>;
  group: () => string | undefined;
  height: () => number;
  onRange: (range: XRange | null) => void;
}

/** Keeps a uPlot in an element: made again when its shape changes, fed when only data came. */
export function useLinePlot(host: Ref<HTMLElement | null>, chart: LinePlot) {
  const plot = shallowRef<uPlot | null>(null);
  const frame = shallowRef<Frame>({ x: [], columns: [] });
  const cursor = shallowRef<{ index: number; left: number; top: number } | null>(null);
  const zoom = shallowRef<XRange | null>(null);
  const theme = useThemeVersion();
  let colors: CanvasColors | null = null;
  let toData: ReturnType<typeof lineOptions>["data"] | null = null;
  let group: ReturnType<typeof joinGroup> | null = null;
  let pending = 0;

  const ask = useDebounceFn((range: XRange | null) => chart.onRange(range), 120);

  function readColors(): CanvasColors {
    colors ??= canvasColors(host.value ?? document.documentElement);
    return colors;
  }

  function moved(from: uPlot) {
    const { idx, left = -1, top = -1 } = from.cursor;
    cursor.value = idx === null || idx === undefined || left < 0 ? null : { index: idx, left, top };
  }

  function show(range: XRange | null) {
    zoom.value = range;
    const { x } = frame.value;
    const from = range?.from ?? x[0];
    const to = range?.to ?? x.at(-1);
    if (from === undefined || to === undefined) return;
    plot.value?.setScale("x", { min: from, max: to });
  }

  /** Shows a part of x here and in the group, and asks the owner for finer data. */
  function zoomTo(range: XRange | null) {
    show(range);
    group?.tell(range);
    void ask(range);
  }

  function selected(from: uPlot) {
    const { left, width } = from.select;
    if (width < 4) return;
    const range = { from: from.posToVal(left, "x"), to: from.posToVal(left + width, "x") };
    from.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    zoomTo(range);
  }

  function rebuild() {
    const element = host.value;
    plot.value?.destroy();
    plot.value = null;
    if (!element || element.clientWidth === 0) return;
    const look: LineLook = {
      ...chart.look(),
      groupKey: chart.group() ?? null,
      colors: readColors,
      onCursor: moved,
      onSelect: selected,
      onReset: () => zoomTo(null),
      pans: (event) => navigation.pans(event),
    };
    frame.value = align(chart.series(), look);
    const size = { width: element.clientWidth, height: chart.height() };
    const { options, data } = lineOptions(chart.series(), look, size, () => frame.value);
    toData = data;
    plot.value = new uPlot(options, data(frame.value), element);
    if (zoom.value) show(zoom.value);
  }

  function feed() {
    pending = 0;
    if (!plot.value || !toData) {
      rebuild();
      return;
    }
    frame.value = align(chart.series(), chart.look());
    plot.value.setData(toData(frame.value), zoom.value === null);
    if (zoom.value) show(zoom.value);
  }

  /** Draws at the next frame, however much comes before it. */
  function schedule() {
    pending ||= requestAnimationFrame(feed);
  }

  function shapeOf() {
    const { smoothing, hidden, ...look } = chart.look();
    const parts = chart.series().map((one) => `${one.id} ${one.label} ${one.hue} ${one.dashed} ${Boolean(one.min)}`);
    const flags = [look.xAxis, look.log, look.best, smoothing > 0, chart.group(), [...hidden].join()];
    return [...parts, ...flags].join("|");
  }

  const navigation = useNavigation({ host, plot, zoom, zoomTo });
  onMounted(rebuild);
  watch(shapeOf, rebuild, { flush: "post" });
  watch([chart.series, () => chart.look().smoothing], schedule);
  watch(chart.group, join, { immediate: true });
  watch(theme, () => {
    colors = null;
    plot.value?.redraw(false, true);
  });
  useResizeObserver(host, () => {
    const element = host.value;
    if (!element?.clientWidth) return;
    if (!plot.value) rebuild();
    else if (plot.value.width !== element.clientWidth || plot.value.height !== chart.height()) {
      plot.value.setSize({ width: element.clientWidth, height: chart.height() });
    }
  });
  watch(chart.height, (height) => plot.value?.setSize({ width: plot.value.width, height }));

  function join() {
    group?.leave();
    const name = chart.group();
    group = name ? joinGroup(name, show) : null;
  }

  onBeforeUnmount(() => {
    cancelAnimationFrame(pending);
    group?.leave();
    plot.value?.destroy();
  });

  return { plot, frame, cursor, zoom, zoomTo, readColors };
}
