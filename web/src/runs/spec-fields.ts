/** The settings of a run, described once for every form: how each is edited, and where it stands. */

import type { Schema } from "@/api/types";
import { TASKS } from "@/runs/tasks";

type Spec = Schema<"RunSpec">;
type Choices<Name extends keyof Spec> = Extract<NonNullable<Spec[Name]>, string>[];

/** How a field is edited. */
export type Editor =
  | { kind: "number"; integer?: boolean; min?: number; max?: number }
  | { kind: "choice"; choices: readonly string[] }
  | { kind: "switch" }
  | { kind: "list" }
  | { kind: "model" }
  | { kind: "dataset" }
  | { kind: "text" }
  | { kind: "json" };

export type Group = "what" | "training" | "data" | "language" | "resources" | "watch" | "more";

interface Description {
  group: Group;
  editor: Editor;
  /** In a form that edits values whole, it is written as JSON. */
  isJson?: true;
  /** A part of a setting that is whole elsewhere: shown where settings stand in lines. */
  isPart?: true;
  /** Too deep for a line: shown where values are edited whole. */
  isDeep?: true;
}

const optimizers: Choices<"optimizer"> = [
  "adam", "adamw", "sgd", "rmsprop", "adagrad", "nadam", "radam", "adafactor", "lamb", "lion",
];
const schedulers: Choices<"scheduler"> = [
  "constant", "linear", "cosine", "step", "exponential", "onecycle", "polynomial", "plateau",
];
const precisions: Choices<"precision"> = ["auto", "fp32", "fp16", "bf16"];
const augments: Choices<"augment"> = ["none", "light", "medium", "strong"];

const count = (min = 1): Editor => ({ kind: "number", integer: true, min });
const amount = (max?: number): Editor => ({
  kind: "number",
  min: 0,
  ...(max === undefined ? {} : { max }),
});
const choice = (choices: readonly string[]): Editor => ({ kind: "choice", choices });

/** In the order they are shown. */
const described = {
  task: { group: "what", editor: choice(TASKS), isPart: true },
  model: { group: "what", editor: { kind: "model" } },
  dataset: { group: "what", editor: { kind: "dataset" } },
  name: { group: "what", editor: { kind: "text" } },
  epochs: { group: "training", editor: count() },
  max_steps: { group: "training", editor: count() },
  batch_size: { group: "training", editor: count() },
  learning_rate: { group: "training", editor: amount(100) },
  optimizer: { group: "training", editor: choice(optimizers) },
  weight_decay: { group: "training", editor: amount(10) },
  scheduler: { group: "training", editor: choice(schedulers) },
  warmup: { group: "training", editor: amount() },
  precision: { group: "training", editor: choice(precisions) },
  gradient_accumulation: { group: "training", editor: count() },
  seed: { group: "training", editor: count(0) },
  early_stopping: { group: "training", editor: count(), isJson: true },
  image_size: { group: "data", editor: { kind: "text" }, isJson: true },
  pretrained: { group: "data", editor: { kind: "switch" } },
  augment: { group: "data", editor: choice(augments) },
  num_classes: { group: "data", editor: count() },
  class_names: { group: "data", editor: { kind: "list" }, isJson: true },
  max_length: { group: "language", editor: count(8) },
  peft: { group: "language", editor: choice(["none", "lora", "qlora"]), isJson: true },
  r: { group: "language", editor: count(), isPart: true },
  alpha: { group: "language", editor: amount(), isPart: true },
  dropout: { group: "language", editor: amount(1), isPart: true },
  beta: { group: "language", editor: amount() },
  kl_coef: { group: "language", editor: amount() },
  num_generations: { group: "language", editor: count(2) },
  reward: { group: "language", editor: { kind: "text" } },
  target: { group: "resources", editor: { kind: "text" } },
  gpus: { group: "resources", editor: count(0) },
  cpus: { group: "resources", editor: count() },
  memory_gb: { group: "resources", editor: amount() },
  max_hours: { group: "resources", editor: amount() },
  priority: { group: "resources", editor: { kind: "number", integer: true, min: -100, max: 100 } },
  supervision: { group: "watch", editor: { kind: "json" }, isDeep: true },
  overrides: { group: "more", editor: { kind: "json" }, isDeep: true },
} satisfies Record<string, Description>;

export type FieldName = keyof typeof described;

export interface FormField {
  name: FieldName;
  group: Group;
  editor: Editor;
}

export const GROUPS: readonly Group[] = ["what", "training", "data", "language", "resources", "watch", "more"];
const LANGUAGE_TASKS = new Set(["sft", "dpo", "ppo", "grpo", "gspo"]);
const all = (Object.keys(described) as FieldName[]).map((name): Description & { name: FieldName } => ({ name, ...described[name] }));

/** Fields that stand in lines, each edited by itself. */
export const LINES: readonly FormField[] = all.filter(({ isDeep }) => !isDeep);

/** Fields of a form of whole values that mean something for a task, under their headings. */
export function formOf(task: string | null): { group: Group; fields: FormField[] }[] {
  const foreign = task === null ? null : foreignTo(LANGUAGE_TASKS.has(task));
  const whole = all
    .filter(({ isPart }) => !isPart)
    .map(({ name, group, editor, isJson }): FormField => ({ name, group, editor: isJson ? { kind: "json" } : editor }));
  return GROUPS.filter((group) => group !== foreign).map((group) => ({
    group,
    fields: whole.filter((field) => field.group === group),
  }));
}

/** The fields that mean nothing to a language model, or to anything else. */
export function foreignTo(isLanguage: boolean): Group {
  return isLanguage ? "data" : "language";
}

export function editorOf(name: FieldName): Editor {
  return described[name].editor;
}
