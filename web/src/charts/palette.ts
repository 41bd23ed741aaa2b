import { ref } from "vue";

export const HUES = 10;

/** The n-th series' colour, from 0, for CSS and SVG. */
export function chartColor(index: number): string {
  return `var(--color-chart-${(index % HUES) + 1})`;
}

export interface CanvasColors {
  hues: string[];
  ink: string;
  muted: string;
  line: string;
  raised: string;
  brand: string;
  font: string;
}

/** The colours in force at an element, as a canvas needs them. */
export function canvasColors(element: Element): CanvasColors {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim() || "#888888";
  return {
    hues: Array.from({ length: HUES }, (_, place) => read(`--color-chart-${place + 1}`)),
    ink: read("--color-ink"),
    muted: read("--color-muted"),
    line: read("--color-line"),
    raised: read("--color-raised"),
    brand: read("--color-brand"),
    font: `11px ${read("--font-mono")}`,
  };
}

const version = ref(0);
let watching = false;

/** Counts up when the page changes its theme: a canvas does not follow CSS by itself. */
export function useThemeVersion() {
  if (!watching && typeof MutationObserver !== "undefined") {
    watching = true;
    new MutationObserver(() => (version.value += 1)).observe(document.documentElement, {
      attributes: true,
      attributeFilter: ["data-theme"],
    });
  }
  return version;
}
