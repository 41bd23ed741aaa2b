/** The settings of a conversation's draft, in lines. */

import type { Schema } from "@/api/types";
import { foreignTo, LINES, type FieldName, type FormField } from "@/runs/spec-fields";
import type { ChatReply } from "./streamed";

type Spec = Schema<"RunSpec">;
export type Chosen = Schema<"Chosen">;

export interface DraftField extends FormField {
  value: unknown;
  /** Who chose it; null while it is asked about. */
  chosen: Chosen | null;
  reason: string | undefined;
  isAsked: boolean;
}

/** What a reply says of each setting: those that are set, and those that are asked about. */
export function draftFields(reply: ChatReply): DraftField[] {
  const values = reply.spec ? flat(reply.spec) : reply.intent;
  const asked = new Set(reply.questions.map((question) => question.field));
  return LINES.filter(({ name }) => asked.has(name) || isSet(values[name])).map(({ name, group, editor }) => ({
    name,
    group,
    editor,
    value: values[name] ?? null,
    chosen: reply.provenance[name] ?? null,
    reason: reply.reasons[name],
    isAsked: asked.has(name),
  }));
}

/** Fields that can be added: of the spec's kind, and not there yet. */
export function missingFields(reply: ChatReply): FieldName[] {
  const shown = new Set(draftFields(reply).map((field) => field.name));
  const foreign = foreignTo(isSet(reply.spec?.max_length) || isSet(reply.spec?.peft));
  return LINES.filter(({ name, group }) => !shown.has(name) && group !== foreign && group !== "what").map(({ name }) => name);
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

/** A spec by the names that its lines have. */
export function flat(spec: Spec): Record<string, unknown> {
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

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined;
}
