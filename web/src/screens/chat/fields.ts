/** The settings of a run as the panel shows and edits them. */

import type { Schema } from "@/api/types";
import { TASKS } from "@/runs/tasks";
import type { ChatReply } from "./streamed";

type Spec = Schema<"RunSpec">;
type Choices<Name extends keyof Spec> = Extract<NonNullable<Spec[Name]>, string>[];

/** How a field is edited. */
export type Editor =
  | { kind: "number"; integer?: boolean; min?: number; max?: number; step?: number }
  | { kind: "choice"; choices: readonly string[] }
  | { kind: "switch" }
  | { kind: "list" }
  | { kind: "model" }
  | { kind: "dataset" }
  | { kind: "text" };

export type Group = "what" | "training" | "images" | "language" | "resources";

interface Kind {
  group: Group;
  editor: Editor;
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
const kinds = {
  task: { group: "what", editor: choice(TASKS) },
  model: { group: "what", editor: { kind: "model" } },
  dataset: { group: "what", editor: { kind: "dataset" } },
  name: { group: "what", editor: { kind: "text" } },
  epochs: { group: "training", editor: count() },
  max_steps: { group: "training", editor: count() },
  batch_size: { group: "training", editor: count() },
  learning_rate: { group: "training", editor: amount(100) },
  optimizer: { group: "training", editor: choice(optimizers) },
  scheduler: { group: "training", editor: choice(schedulers) },
  warmup: { group: "training", editor: amount() },
  weight_decay: { group: "training", editor: amount(10) },
  precision: { group: "training", editor: choice(precisions) },
  gradient_accumulation: { group: "training", editor: count() },
  early_stopping: { group: "training", editor: count() },
  seed: { group: "training", editor: count(0) },
  image_size: { group: "images", editor: { kind: "text" } },
  pretrained: { group: "images", editor: { kind: "switch" } },
  num_classes: { group: "images", editor: count() },
  class_names: { group: "images", editor: { kind: "list" } },
  augment: { group: "images", editor: choice(augments) },
  max_length: { group: "language", editor: count(8) },
  peft: { group: "language", editor: choice(["none", "lora", "qlora"]) },
  r: { group: "language", editor: count() },
  alpha: { group: "language", editor: amount() },
  dropout: { group: "language", editor: amount(1) },
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
} satisfies Record<string, Kind>;

export type FieldName = keyof typeof kinds;
export type Chosen = Schema<"Chosen">;

export interface SpecField {
  name: FieldName;
  group: Group;
  editor: Editor;
  value: unknown;
  /** Who chose it; null while it is asked about. */
  chosen: Chosen | null;
  reason: string | undefined;
  isAsked: boolean;
}

/** What a reply says of each setting: those that are set, and those that are asked about. */
export function fieldsOf(reply: ChatReply): SpecField[] {
  const values = reply.spec ? flat(reply.spec) : reply.intent;
  const asked = new Set(reply.questions.map((question) => question.field));
  return (Object.keys(kinds) as FieldName[])
    .filter((name) => asked.has(name) || isSet(values[name]))
    .map((name) => ({
      name,
      ...kinds[name],
      value: values[name] ?? null,
      chosen: chosenBy(reply, name),
      reason: reply.reasons[name],
      isAsked: asked.has(name),
    }));
}

/** Fields that can be added: of the spec's kind, and not there yet. */
export function missingFields(reply: ChatReply): FieldName[] {
  const shown = new Set(fieldsOf(reply).map((field) => field.name));
  const isLanguage = isSet(reply.spec?.max_length) || isSet(reply.spec?.peft);
  const foreign: Group = isLanguage ? "images" : "language";
  return (Object.keys(kinds) as FieldName[]).filter(
    (name) => !shown.has(name) && kinds[name].group !== foreign && kinds[name].group !== "what",
  );
}

export function editorOf(name: FieldName): Editor {
  return kinds[name].editor;
}

/** The change that gives a field of `spec` a value; null takes it back. */
export function changeOf(spec: Spec | null, name: FieldName, value: unknown): Record<string, unknown> {
  if (name === "early_stopping" && value !== null) return { early_stopping: { patience: value } };
  if (name === "r" || name === "alpha" || name === "dropout") {
    // adapters are one group, which is changed as a whole
    const { [name]: _, ...others } = spec?.peft ?? { method: "lora" };
    return { peft: value === null ? others : { ...others, [name]: value } };
  }
  return { [name]: value };
}

/** A value in one line. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) return value.join(" × ");
  if (value !== null && typeof value === "object") return JSON.stringify(value);
  return String(value ?? "");
}

function flat(spec: Spec): Record<string, unknown> {
  const { resources, peft, early_stopping, ...rest } = spec;
  const adapter = peft && peft.method !== "none" ? peft : { r: null, alpha: null, dropout: null };
  return {
    ...rest,
    ...resources,
    peft: peft?.method ?? null,
    r: adapter.r,
    alpha: adapter.alpha,
    dropout: adapter.dropout,
    early_stopping: early_stopping?.patience ?? null,
  };
}

function chosenBy(reply: ChatReply, name: FieldName): Chosen | null {
  return reply.provenance[name] ?? null;
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined;
}
