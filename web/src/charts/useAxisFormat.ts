import { useI18n } from "vue-i18n";
import { formatCompact, formatDateTime, useFormat } from "@/i18n/format";
import type { XAxis } from "@/charts/lineOptions";

/** How a chart writes its x and its y. */
export function useAxisFormat(axis: () => XAxis, unit: () => string | undefined) {
  const { t, locale } = useI18n();
  const format = useFormat();

  function clock(seconds: number, step: number): string {
    const options: Intl.DateTimeFormatOptions =
      step >= 86_400
        ? { month: "short", day: "numeric" }
        : { hour: "2-digit", minute: "2-digit", hour12: false, ...(step < 60 ? { second: "2-digit" } : {}) };
    return new Intl.DateTimeFormat(locale.value, options).format(seconds * 1000);
  }

  /** At a tick: short. */
  function formatX(value: number, step: number): string {
    if (axis() === "time") return clock(value, step);
    if (axis() === "elapsed") return value === 0 ? "0" : format.duration(value);
    // Steps are counted in K and M in every language's papers.
    return Math.abs(value) >= 1000 && step >= 100 ? formatCompact(value, "en") : format.number(value, 3);
  }

  /** Under the cursor: whole, with its kind. */
  function fullX(value: number): string {
    if (axis() === "time") return formatDateTime(value * 1000, locale.value);
    const text = axis() === "elapsed" ? format.duration(value) : format.number(value, 3);
    return t(`charts.x.${axis()}`, { value: text });
  }

  function formatY(value: number | null): string {
    const text = format.metric(value);
    return unit() && value !== null ? `${text} ${unit()}` : text;
  }

  return { formatX, fullX, formatY };
}
