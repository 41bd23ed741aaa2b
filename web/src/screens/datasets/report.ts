/** What was found wrong with a dataset, as its report says it. */

import type { Schema } from "@/api/types";

export interface Finding {
  code: string;
  severity: "info" | "warning" | "error";
  message: string;
  count: number | null;
  mend: string | null;
}

type Report = Schema<"DatasetView">["report"];

const SEVERITIES = ["error", "warning", "info"] as const;

/** Its findings, worst first. */
export function findingsOf(report: Report): Finding[] {
  const found: unknown = report?.findings;
  return (Array.isArray(found) ? found : []).flatMap((one: unknown) => readFinding(one) ?? []);
}

/** How many images each class has, the most first. */
export function classCountsOf(report: Report): { name: string; count: number }[] {
  const counts: unknown = report?.class_counts;
  if (typeof counts !== "object" || counts === null) return [];
  return Object.entries(counts)
    .flatMap(([name, count]) => (typeof count === "number" ? { name, count } : []))
    .toSorted((one, other) => other.count - one.count);
}

function readFinding(value: unknown): Finding | null {
  if (typeof value !== "object" || value === null) return null;
  const { code, severity, message, count, mend } = value as Record<string, unknown>;
  const known = SEVERITIES.find((one) => one === severity);
  if (!known || typeof code !== "string" || typeof message !== "string") return null;
  return {
    code,
    severity: known,
    message,
    count: typeof count === "number" ? count : null,
    mend: typeof mend === "string" ? mend : null,
  };
}
