/** What a model is known to reach, and where that was published. */

import type { Schema } from "@/api/types";

type Model = Schema<"ModelInfo">;

const NAMES: Record<string, string> = {
  imagenet_top1: "ImageNet top-1",
  coco_map50_95: "COCO mAP 50–95",
  coco_map: "COCO mAP",
  coco_mask_map: "COCO mask mAP",
  ade20k_miou: "ADE20K mIoU",
  cityscapes_miou: "Cityscapes mIoU",
};

export interface Accuracy {
  name: string;
  value: number;
}

/** Published figures in percent, best known benchmark first. */
export function accuraciesOf(model: Model): Accuracy[] {
  return Object.entries(model.accuracy)
    .filter((entry): entry is [string, number] => typeof entry[1] === "number")
    .map(([key, value]) => ({ name: NAMES[key] ?? key, value }));
}

/** Who published them. */
export function sourceOf(model: Model): string | null {
  const { source } = model.accuracy;
  return typeof source === "string" ? source : null;
}
