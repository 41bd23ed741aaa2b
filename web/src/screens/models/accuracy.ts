/** What a model is known to reach, and where that was published. */

import type { Schema } from "@/api/types";

type Model = Schema<"ModelInfo">;

const METRICS: Record<string, string> = {
  top1: "top-1",
  map50_95: "mAP 50–95",
  box_ap: "box AP",
  box_ap50: "box AP50",
  mask_ap: "mask AP",
  miou: "mIoU",
  miou_ms_flip: "mIoU, scales and flips",
  mdice: "mDice",
  dice: "Dice",
};
const DATASETS: Record<string, string> = {
  mnist: "MNIST",
  imagenet: "ImageNet",
  coco: "COCO",
  ade20k: "ADE20K",
  lvis: "LVIS",
  voc: "VOC",
  voc07: "VOC 2007",
};
const ENDING = new RegExp(`^(.+?)(?:_(${Object.keys(METRICS).join("|")}))?$`);

export interface Accuracy {
  name: string;
  value: number;
}

/** Published figures in percent, best known benchmark first. */
export function accuraciesOf(model: Model): Accuracy[] {
  return Object.entries(model.accuracy)
    .filter((entry): entry is [string, number] => typeof entry[1] === "number")
    // the built-in models' own are shares of one
    .map(([key, value]) => ({ name: nameOf(key), value: value <= 1 ? value * 100 : value }));
}

/** `cityscapes_miou` as people write it. */
function nameOf(key: string): string {
  const [, dataset = key, metric] = ENDING.exec(key) ?? [];
  const words = DATASETS[dataset] ?? dataset.replaceAll("_", " ");
  const shown = words.charAt(0).toUpperCase() + words.slice(1);
  return metric ? `${shown} ${METRICS[metric]}` : shown;
}

/** Who published them. */
export function sourceOf(model: Model): string | null {
  const { source } = model.accuracy;
  return typeof source === "string" ? source : null;
}
