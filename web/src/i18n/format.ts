import { computed } from "vue";
import { useI18n } from "vue-i18n";

/** What a reader sees where there is no value. */
export const NOTHING = "–";

type Moment = string | number | Date | null | undefined;
type Quantity = number | null | undefined;

const cache = new Map<string, unknown>();

/** Intl objects cost far more to make than to use. */
function once<Made>(kind: string, locale: string, options: object, make: () => Made): Made {
  const key = `${kind}|${locale}|${JSON.stringify(options)}`;
  const found = cache.get(key) as Made | undefined;
  if (found !== undefined) return found;
  const made = make();
  cache.set(key, made);
  return made;
}

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return once("number", locale, options, () => new Intl.NumberFormat(locale, options));
}

function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return once("date", locale, options, () => new Intl.DateTimeFormat(locale, options));
}

function missing(value: Quantity): value is null | undefined {
  return value === null || value === undefined || Number.isNaN(value);
}

function toDate(moment: Moment): Date | null {
  if (moment === null || moment === undefined || moment === "") return null;
  const date = moment instanceof Date ? moment : new Date(moment);
  return Number.isNaN(date.getTime()) ? null : date;
}

export function formatNumber(value: Quantity, locale: string, digits = 2): string {
  if (missing(value)) return NOTHING;
  return numberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

/** A measured value in a few significant digits: 0.0312, 97.41, 1.2e-5, 3.4e+7. */
export function formatMetric(value: Quantity, locale: string, significant = 4): string {
  if (missing(value)) return NOTHING;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) {
    return value.toExponential(Math.max(0, significant - 2)).replace(/\.?0+e/, "e");
  }
  return numberFormat(locale, { maximumSignificantDigits: significant }).format(value);
}

/** 12,345 → 12.3K (1.2만 in Korean). */
export function formatCompact(value: Quantity, locale: string): string {
  if (missing(value)) return NOTHING;
  return numberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** `share` is 0–1. */
export function formatPercent(share: Quantity, locale: string, digits = 1): string {
  if (missing(share)) return NOTHING;
  return numberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** In a currency by its three letters. */
export function formatMoney(value: Quantity, currency: string, locale: string): string {
  if (missing(value)) return NOTHING;
  return numberFormat(locale, { style: "currency", currency }).format(value);
}

export function formatBytes(bytes: Quantity, locale: string): string {
  if (missing(bytes)) return NOTHING;
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || Math.abs(value) >= 100 ? 0 : 1;
  return `${formatNumber(value, locale, digits)} ${units[unit]}`;
}

const spans = {
  en: { day: "d", hour: "h", minute: "m", second: "s", millisecond: "ms" },
  ko: { day: "일", hour: "시간", minute: "분", second: "초", millisecond: "ms" },
};

/** The two largest parts of a span of time: 1h 4m, 12.3s, 80ms. */
export function formatDuration(seconds: Quantity, locale: string): string {
  if (missing(seconds) || !Number.isFinite(seconds) || seconds < 0) return NOTHING;
  const unit = locale.startsWith("ko") ? spans.ko : spans.en;
  if (seconds > 0 && seconds < 1) return `${Math.round(seconds * 1000)}${unit.millisecond}`;
  if (seconds < 10) return `${formatNumber(seconds, locale, 1)}${unit.second}`;
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), unit.day],
    [Math.floor(whole / 3600) % 24, unit.hour],
    [Math.floor(whole / 60) % 60, unit.minute],
    [whole % 60, unit.second],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount], place) => place === 0 || amount > 0)
    .map(([amount, name]) => `${amount}${name}`)
    .join(" ");
}

export function formatDate(moment: Moment, locale: string): string {
  const date = toDate(moment);
  return date ? dateFormat(locale, { dateStyle: "medium" }).format(date) : NOTHING;
}

export function formatDateTime(moment: Moment, locale: string): string {
  const date = toDate(moment);
  if (!date) return NOTHING;
  return dateFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** A clock time with seconds, for logs and live values. */
export function formatTime(moment: Moment, locale: string): string {
  const date = toDate(moment);
  return date ? dateFormat(locale, { timeStyle: "medium", hour12: false }).format(date) : NOTHING;
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "3 minutes ago", "in 2 hours"; `now` lets a ticking owner say when it is. */
export function formatRelative(moment: Moment, locale: string, now: number = Date.now()): string {
  const date = toDate(moment);
  if (!date) return NOTHING;
  const format = once("relative", locale, {}, () => {
    return new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  });
  const away = (date.getTime() - now) / 1000;
  for (const [unit, size] of steps) {
    if (Math.abs(away) >= size) return format.format(Math.trunc(away / size), unit);
  }
  return format.format(0, "second");
}

/** Words joined the language's way: "a, b and c". */
export function formatList(words: readonly string[], locale: string): string {
  const format = once("list", locale, {}, () => new Intl.ListFormat(locale, { type: "conjunction" }));
  return format.format(words);
}

/** All of the above, bound to the language the reader has chosen. */
export function useFormat() {
  const { locale } = useI18n();
  const chosen = computed(() => String(locale.value));
  return {
    number: (value: Quantity, digits?: number) => formatNumber(value, chosen.value, digits),
    metric: (value: Quantity, significant?: number) =>
      formatMetric(value, chosen.value, significant),
    compact: (value: Quantity) => formatCompact(value, chosen.value),
    money: (value: Quantity, currency: string) => formatMoney(value, currency, chosen.value),
    percent: (share: Quantity, digits?: number) => formatPercent(share, chosen.value, digits),
    bytes: (bytes: Quantity) => formatBytes(bytes, chosen.value),
    duration: (seconds: Quantity) => formatDuration(seconds, chosen.value),
    date: (moment: Moment) => formatDate(moment, chosen.value),
    dateTime: (moment: Moment) => formatDateTime(moment, chosen.value),
    time: (moment: Moment) => formatTime(moment, chosen.value),
    relative: (moment: Moment, now?: number) => formatRelative(moment, chosen.value, now),
    list: (words: readonly string[]) => formatList(words, chosen.value),
  };
}
