/** Values of a spec: flat as forms have them, in words, and what was changed in them. */

import type { RunDetail } from "@/api/types";

type Spec = RunDetail["spec"];
export type Values = Record<string, unknown>;

/** A spec's values by the names of the form; the name of the run is made anew. */
export function valuesOf(spec: Spec): Values {
  const { resources, name: _, ...rest } = spec;
  return { ...rest, ...(isRecord(resources) ? resources : {}) };
}

/** What a clone is asked to change: null takes back what was there. */
export function changesOf(before: Values, after: Values): Values {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => !isSame(before[name], after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]));
}

export function isSame(one: unknown, other: unknown): boolean {
  return written(one) === written(other);
}

/** A value of a JSON field as text, to be read back by `readJson`. */
export function writeJson(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What was typed into a JSON field: JSON, or else the text as it is, such as `32x48`. */
export function readJson(text: string): unknown {
  const trimmed = text.trim();
  if (!trimmed) return null;
  try {
    return JSON.parse(trimmed);
  } catch {
    return trimmed;
  }
}

/** A value in one line. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) return value.join(" × ");
  if (value !== null && typeof value === "object") return JSON.stringify(value);
  return String(value ?? "");
}

function written(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (isRecord(value)) {
    return JSON.stringify(Object.entries(value).toSorted(([one], [other]) => one.localeCompare(other)));
  }
  return JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
