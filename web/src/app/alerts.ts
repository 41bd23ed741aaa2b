/** Alerts in the language of who reads them: made of the rule and its evidence, not translated. */

import { useI18n } from "vue-i18n";
import type { AlertView, Schema } from "@/api/types";
import { useFailureText } from "@/app/failures";
import { useFormat } from "@/i18n/format";

/** The rules that are the platform's own, by the schema. */
export type Rule = Schema<"AlertRules">["off"][number];
/** Those with sentences of their own: a failure's are those of its code. */
type OwnRule = Exclude<Rule, "failed">;

export interface AlertText {
  title: string;
  message: string;
  /** What the server said exactly, where `message` does not hold all of it. */
  detail: string | null;
  hint: string | null;
}

interface Sentence {
  message: string;
  /** Where it is another than the rule's. */
  hint?: string;
  /** Each of them has to be known. */
  values: Record<string, string | null>;
  detail?: string | null;
}

/** The platform's own alerts in words; what an agent warns of has a title at most. */
export function useAlertText() {
  const { t, te } = useI18n();
  const sentences = useSentences();
  const failures = useFailureText();

  function title(alert: AlertView): string {
    const key = `alerts.rule.${alert.rule}`;
    return te(key) ? t(key) : alert.rule;
  }

  function text(alert: AlertView): AlertText {
    return { title: title(alert), ...(worded(alert) ?? { message: alert.message, detail: null, hint: advice(alert) }) };
  }

  function advice(alert: AlertView): string | null {
    const key = `alerts.${alert.rule}.hint`;
    return te(key) ? t(key) : alert.hint;
  }

  function worded(alert: AlertView): Omit<AlertText, "title"> | null {
    if (alert.rule === "failed") return ofFailure(alert);
    if (!isOwn(alert.rule)) return null;
    const { message, values, hint, detail = null } = sentences[alert.rule](alert);
    if (Object.values(values).includes(null)) return null;
    return { message: t(message, values), hint: hint ? t(hint) : advice(alert), detail };
  }

  function ofFailure(alert: AlertView): Omit<AlertText, "title"> | null {
    const message = failures.title(textOf(alert.facts.code));
    if (!message) return null;
    return { message, detail: alert.message, hint: failures.hint(textOf(alert.facts.code)) ?? alert.hint };
  }

  function isOwn(rule: string): rule is OwnRule {
    return Object.hasOwn(sentences, rule);
  }

  /** Why it is over; null where that is said elsewhere. */
  function resolution({ rule, resolution: why }: AlertView): string | null {
    if (!why || SEEN.test(why)) return null;
    const attempt = ATTEMPT.exec(why)?.[1];
    if (attempt) return t("alerts.over.goesOn", { attempt });
    if (ENDED.test(why)) return t("alerts.over.ended");
    return te(`alerts.over.${rule}`) ? t(`alerts.over.${rule}`) : why;
  }

  return { title, text, resolution };
}

// what closes any alert, as the server says it
const SEEN = /^seen by /;
const ATTEMPT = /^attempt (\d+) goes on$/;
const ENDED = /^the run is \w+$/;

/** What each rule says of its evidence; one that the server gets is not to be built without. */
function useSentences(): Record<OwnRule, (alert: AlertView) => Sentence> {
  const { t } = useI18n();
  const format = useFormat();

  const at = (step: unknown) => (typeof step === "number" ? t("alerts.at", { step: format.number(step) }) : "");
  const figure = (value: unknown) => numeric(value, format.metric);
  const count = (value: unknown) => numeric(value, format.number);
  const share = (value: unknown) => numeric(value, (percent) => format.percent(percent / 100, 0));
  const size = (gb: unknown) => numeric(gb, (amount) => format.bytes(amount * 1e9));
  const time = (seconds: unknown) => numeric(seconds, format.duration);
  const minutes = (amount: unknown) => numeric(amount, (found) => format.duration(found * 60));

  return {
    nan_loss: ({ facts }) => ({
      message: typeof facts.last === "number" ? "alerts.nan_loss.text" : "alerts.nan_loss.first",
      values: {
        metric: textOf(facts.metric),
        value: facts.value === "nan" ? "NaN" : figure(infinite(facts.value)),
        at: at(facts.step),
        ...(typeof facts.last === "number" ? { last: figure(facts.last) } : {}),
      },
    }),
    loss_spike: ({ facts }) => ({
      message: "alerts.loss_spike.text",
      values: {
        metric: textOf(facts.metric),
        value: figure(facts.value),
        at: at(facts.step),
        median: figure(facts.median),
        limit: figure(facts.limit),
      },
    }),
    loss_diverging: ({ facts }) => ({
      message: "alerts.loss_diverging.text",
      values: {
        metric: textOf(facts.metric),
        value: figure(facts.value),
        at: at(facts.step),
        best: figure(facts.best),
        bestAt: at(facts.best_step),
      },
    }),
    loss_plateau: ({ facts }) => ({
      message: "alerts.loss_plateau.text",
      values: {
        metric: textOf(facts.metric),
        points: count(facts.points),
        value: figure(facts.value),
        at: at(facts.step),
        best: figure(facts.best),
        bestAt: at(facts.from_step),
      },
    }),
    stall: ({ facts, message }): Sentence => {
      // an agent that hears nothing of its trainer says so under the same name, without figures
      if (facts.silent_seconds === undefined)
        return { message: "alerts.stall.silent", hint: "alerts.stall.silentHint", values: {}, detail: message };
      return {
        message: "alerts.stall.text",
        values: { step: count(facts.step), silence: time(facts.silent_seconds), usual: time(facts.usual_seconds) },
      };
    },
    disk_filling: ({ facts }) => {
      const values = { free: size(facts.free_gb) };
      if (facts.minutes_left === undefined) return { message: "alerts.disk_filling.text", values };
      const pace = { left: minutes(facts.minutes_left), rate: size(facts.gb_a_minute) };
      return { message: "alerts.disk_filling.soon", values: { ...values, ...pace } };
    },
    gpu_idle: ({ facts }) => ({
      message: "alerts.gpu_idle.text",
      values: { time: minutes(facts.minutes), used: share(facts.value) },
    }),
    gpu_memory: ({ facts }) => ({
      message: "alerts.gpu_memory.text",
      values: { used: share(facts.value), gpu: count(facts.gpu), size: size(facts.used_gb), total: size(facts.total_gb) },
    }),
    host_memory: ({ facts }) => ({
      message: "alerts.host_memory.text",
      values: { used: share(facts.value), own: size(facts.memory_gb) },
    }),
    lost: ({ facts }) => ({
      message: "alerts.lost.text",
      values: {},
      detail: textOf(facts.why),
    }),
  };
}

function numeric(value: unknown, shown: (value: number) => string): string | null {
  return typeof value === "number" ? shown(value) : null;
}

/** An infinity as the server writes it in evidence: `inf` or `-inf`. */
function infinite(value: unknown): number | null {
  if (value === "inf") return Infinity;
  return value === "-inf" ? -Infinity : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value ? value : null;
}
