/** The fields of a spec as a form has them, flat, and what was changed in them. */

import type { RunDetail } from "@/api/types";

export type FieldKind = "text" | "integer" | "number" | "choice" | "truth" | "json";
export type FieldGroup = "what" | "training" | "data" | "language" | "resources" | "watch" | "more";

export interface SpecField {
  name: string;
  kind: FieldKind;
  group: FieldGroup;
  choices?: readonly string[];
}

type Spec = RunDetail["spec"];
export type Values = Record<string, unknown>;

const choice = (name: string, group: FieldGroup, choices: string): SpecField => ({
  name,
  kind: "choice",
  group,
  choices: choices.split(" "),
});
const of = (kind: FieldKind, group: FieldGroup, names: string): SpecField[] =>
  names.split(" ").map((name) => ({ name, kind, group }));

const FIELDS: readonly SpecField[] = [
  ...of("text", "what", "name model dataset"),
  ...of("integer", "training", "epochs max_steps batch_size"),
  ...of("number", "training", "learning_rate"),
  choice("optimizer", "training", "adam adamw sgd rmsprop adagrad nadam radam adafactor lamb lion"),
  ...of("number", "training", "weight_decay"),
  choice("scheduler", "training", "constant linear cosine step exponential onecycle polynomial plateau"),
  ...of("number", "training", "warmup"),
  choice("precision", "training", "auto fp32 fp16 bf16"),
  ...of("integer", "training", "gradient_accumulation seed"),
  ...of("json", "training", "early_stopping"),
  ...of("json", "data", "image_size"),
  ...of("truth", "data", "pretrained"),
  choice("augment", "data", "none light medium strong"),
  ...of("integer", "data", "num_classes"),
  ...of("json", "data", "class_names"),
  ...of("integer", "language", "max_length"),
  ...of("json", "language", "peft"),
  ...of("number", "language", "beta kl_coef"),
  ...of("integer", "language", "num_generations"),
  ...of("text", "language", "reward"),
  ...of("text", "resources", "target"),
  ...of("integer", "resources", "gpus cpus"),
  ...of("number", "resources", "memory_gb max_hours"),
  ...of("integer", "resources", "priority"),
  ...of("json", "watch", "supervision"),
  ...of("json", "more", "overrides"),
];
const GROUPS: readonly FieldGroup[] = ["what", "training", "data", "language", "resources", "watch", "more"];
const LANGUAGE_TASKS = new Set(["sft", "dpo", "ppo", "grpo", "gspo"]);

/** The fields that mean something for a task, under their headings. */
export function fieldsOf(task: string | null): { group: FieldGroup; fields: SpecField[] }[] {
  const foreign = task === null ? null : LANGUAGE_TASKS.has(task) ? "data" : "language";
  return GROUPS.filter((group) => group !== foreign).map((group) => ({
    group,
    fields: FIELDS.filter((field) => field.group === group),
  }));
}

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
