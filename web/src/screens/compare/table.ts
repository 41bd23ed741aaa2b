/** Runs side by side: what differs between them, and which is best in what. */

import type { Schema } from "@/api/types";
import { betterOf, type Better } from "@/runs/metric-names";

export type Comparison = Schema<"RunComparison">;

/** The runs that have the best value of a metric; none where nobody can tell what is better. */
export function bestOf(values: readonly (number | null)[], better: Better | null): Set<number> {
  const known = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (!better || known.length < 2) return new Set();
  const best = better === "min" ? Math.min(...known) : Math.max(...known);
  // where all are the same, none stands out
  if (known.every((value) => value === best)) return new Set();
  return new Set(values.flatMap((value, place) => (value === best ? place : [])));
}

/** A value of the settings in one line. */
export function shownSetting(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What can stand on an axis: metrics, and settings that are numbers. */
export function axesOf(comparison: Comparison): string[] {
  const numeric = Object.entries(comparison.settings)
    .filter(([, values]) => values.every((value) => value === null || typeof value === "number"))
    .map(([name]) => name);
  return [...Object.keys(comparison.metrics), ...numeric];
}

/** A run's value on an axis; null where it has none. */
export function valueOn(comparison: Comparison, axis: string, place: number): number | null {
  const value = (comparison.metrics[axis] ?? comparison.settings[axis])?.[place];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Which way an axis is better, where it is a metric whose name tells. */
export function axisBetter(comparison: Comparison, axis: string): Better | undefined {
  return axis in comparison.metrics ? (betterOf(axis) ?? undefined) : undefined;
}

/** The whole table as comma-separated values (RFC 4180), a column a run. */
export function csvOf(comparison: Comparison): string {
  const rows: unknown[][] = [
    ["", ...comparison.runs.map((run) => run.name)],
    ["id", ...comparison.runs.map((run) => run.id)],
    ["status", ...comparison.runs.map((run) => run.status)],
    ...Object.entries({ ...comparison.settings, ...comparison.metrics }).map(([name, values]) => [name, ...values]),
  ];
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? "" : shownSetting(value);
  // a spreadsheet takes what begins so for a formula, and names are anybody's words
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
