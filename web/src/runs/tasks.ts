/** What can be trained, in the order people look for it. */

import type { Schema } from "@/api/types";

export type Task = Schema<"Task">;

export const TASKS: readonly Task[] = [
  "image_classification", "object_detection", "instance_segmentation", "semantic_segmentation",
  "sft", "dpo", "ppo", "grpo", "gspo",
];
