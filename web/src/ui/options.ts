import type { Component } from "vue";

/** What a look-alike set of shapes means: neutral unless it says good, careful, bad or news. */
export type Tone = "neutral" | "brand" | "success" | "warning" | "error" | "info";
export type Size = "sm" | "md" | "lg";

export interface Option<Value extends string | number = string> {
  value: Value;
  label: string;
  description?: string | undefined;
  icon?: Component | undefined;
  disabled?: boolean | undefined;
  /** Options with the same group stand together under its name. */
  group?: string | undefined;
}

export const softTone: Record<Tone, string> = {
  neutral: "bg-hover text-muted",
  brand: "bg-brand-soft text-brand-ink",
  success: "bg-success-soft text-success-ink",
  warning: "bg-warning-soft text-warning-ink",
  error: "bg-error-soft text-error-ink",
  info: "bg-info-soft text-info-ink",
};

export const fillTone: Record<Tone, string> = {
  neutral: "bg-control",
  brand: "bg-brand",
  success: "bg-success",
  warning: "bg-warning",
  error: "bg-error",
  info: "bg-info",
};

export const inkTone: Record<Tone, string> = {
  neutral: "text-muted",
  brand: "text-brand-ink",
  success: "text-success-ink",
  warning: "text-warning-ink",
  error: "text-error-ink",
  info: "text-info-ink",
};

/** Options under their group names, in the order the groups first appear. */
export function grouped<Item extends { group?: string | undefined }>(options: readonly Item[]) {
  const groups = new Map<string, Item[]>();
  for (const option of options) {
    const name = option.group ?? "";
    groups.set(name, [...(groups.get(name) ?? []), option]);
  }
  return [...groups].map(([name, members]) => ({ name, members }));
}
