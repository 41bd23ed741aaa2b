import { useEventListener } from "@vueuse/core";
import type uPlot from "uplot";
import type { Ref, ShallowRef } from "vue";
import type { XRange } from "@/charts/group";

interface Navigated {
  host: Ref<HTMLElement | null>;
  plot: ShallowRef<uPlot | null>;
  zoom: ShallowRef<XRange | null>;
  zoomTo: (range: XRange | null) => void;
}

/** Moves a range by a share of its width, kept within what there is. */
export function panned(range: XRange, share: number, whole: XRange): XRange {
  const width = range.to - range.from;
  const from = Math.min(Math.max(range.from + width * share, whole.from), whole.to - width);
  return { from, to: from + width };
}

/** Narrows (factor < 1) or widens a range around a point; null when it holds everything. */
export function scaled(range: XRange, around: number, factor: number, whole: XRange): XRange | null {
  const from = Math.max(whole.from, around - (around - range.from) * factor);
  const to = Math.min(whole.to, around + (range.to - around) * factor);
  return from <= whole.from && to >= whole.to ? null : { from, to };
}

/** Pan, zoom and cursor by keyboard, wheel, shift-drag and fingers. */
export function useNavigation({ host, plot, zoom, zoomTo }: Navigated) {
  /** What can be seen at most: all that was drawn before one zoomed in. */
  let whole: XRange | null = null;

  function visible(): XRange | null {
    const { min, max } = plot.value?.scales["x"] ?? {};
    return typeof min === "number" && typeof max === "number" ? { from: min, to: max } : null;
  }

  function bounds(): XRange | null {
    if (!zoom.value || !whole) whole = visible();
    return whole;
  }

  function pan(share: number) {
    const [range, all] = [zoom.value, bounds()];
    if (range && all) zoomTo(panned(range, share, all));
  }

  function scale(factor: number, at?: number) {
    const [range, all] = [visible(), bounds()];
    if (range && all) zoomTo(scaled(range, at ?? (range.from + range.to) / 2, factor, all));
  }

  function moveCursor(by: number) {
    const u = plot.value;
    const xs = u?.data[0];
    if (!u || !xs?.length) return;
    const next = Math.min(xs.length - 1, Math.max(0, (u.cursor.idx ?? (by > 0 ? -1 : xs.length)) + by));
    u.setCursor({ left: u.valToPos(xs[next] ?? 0, "x"), top: u.over.clientHeight / 3 });
  }

  const keys: Record<string, (event: KeyboardEvent) => void> = {
    ArrowLeft: (event) => (event.shiftKey ? pan(-0.25) : moveCursor(-1)),
    ArrowRight: (event) => (event.shiftKey ? pan(0.25) : moveCursor(1)),
    "+": () => scale(0.5),
    "=": () => scale(0.5),
    "-": () => scale(2),
    "0": () => zoomTo(null),
  };
  useEventListener(host, "keydown", (event: KeyboardEvent) => {
    const action = event.key === "Escape" && zoom.value ? keys["0"] : keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action(event);
  });

  function valueAt(clientX: number): number | undefined {
    const u = plot.value;
    return u?.posToVal(clientX - u.over.getBoundingClientRect().left, "x");
  }

  useEventListener(
    host,
    "wheel",
    (event: WheelEvent) => {
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (event.ctrlKey || event.metaKey) scale(Math.exp(event.deltaY / 240), valueAt(event.clientX));
      else if (sideways && zoom.value) pan(event.deltaX / (host.value?.clientWidth ?? 600));
      else return;
      event.preventDefault();
    },
    { passive: false },
  );

  let dragged: { x: number; range: XRange } | null = null;

  /** A press with Shift, or with the middle button, takes hold of the chart. */
  function pans(event: MouseEvent): boolean {
    if (!zoom.value || !(event.shiftKey || event.button === 1)) return event.button !== 0;
    dragged = { x: event.clientX, range: zoom.value };
    event.preventDefault();
    return true;
  }

  useEventListener(window, "mousemove", (event: MouseEvent) => {
    const all = bounds();
    if (!dragged || !all) return;
    const width = plot.value?.over.clientWidth ?? 1;
    zoomTo(panned(dragged.range, (dragged.x - event.clientX) / width, all));
  });
  useEventListener(window, "mouseup", () => (dragged = null));

  let pinch: { distance: number; range: XRange; middle: number } | null = null;

  function touched(event: TouchEvent) {
    const u = plot.value;
    const [one, two] = [...event.touches];
    if (!u || !one) return;
    if (!two) {
      const box = u.over.getBoundingClientRect();
      u.setCursor({ left: one.clientX - box.left, top: one.clientY - box.top });
      return;
    }
    event.preventDefault();
    const distance = Math.max(8, Math.abs(one.clientX - two.clientX));
    const range = visible();
    const middle = valueAt((one.clientX + two.clientX) / 2);
    if (!pinch && range && middle !== undefined) {
      bounds();
      pinch = { distance, range, middle };
    }
    if (pinch && whole) zoomTo(scaled(pinch.range, pinch.middle, pinch.distance / distance, whole));
  }
  useEventListener(host, ["touchstart", "touchmove"], touched, { passive: false });
  useEventListener(host, ["touchend", "touchcancel"], () => (pinch = null));

  return { pans };
}
