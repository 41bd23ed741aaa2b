/** Where the pictures of a dataset are. */

import { BASE } from "@/api/client";
import type { Schema } from "@/api/types";

export type Picture = Schema<"PreviewImage">;

/** The address of a picture that fits into a square of so many pixels. */
export function addressOf(datasetId: string, path: string, side: number): string {
  const steps = path.split("/").map(encodeURIComponent).join("/");
  return `${BASE}/datasets/${encodeURIComponent(datasetId)}/images/${steps}?side=${side}`;
}

/** What a picture shows, in words. */
export function labelsOf(picture: Picture): string[] {
  const labels = picture.boxes.map((box) => box.label);
  return picture.class_name === null ? [...new Set(labels)] : [picture.class_name];
}

/** The place that an arrow key leads to in a grid, from one of `count`; null where it leads out. */
export function placeAfter(key: string, place: number, count: number, columns: number): number | null {
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  const to = key === "Home" ? 0 : key === "End" ? count - 1 : place + (steps[key] ?? Number.NaN);
  return to >= 0 && to < count ? to : null;
}
