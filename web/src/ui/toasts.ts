import { readonly, shallowRef } from "vue";
import type { Tone } from "@/ui/options";

export interface ToastWords {
  text: string;
  title?: string | undefined;
  tone?: Tone | undefined;
  /** Takes back what the toast tells of. */
  undo?: (() => void) | undefined;
  action?: { label: string; run: () => void } | undefined;
  /** Milliseconds; one that can be undone stays longer. */
  duration?: number | undefined;
}

export interface Toast extends ToastWords {
  id: number;
  tone: Tone;
  duration: number;
}

const MOST = 4;
const toasts = shallowRef<readonly Toast[]>([]);
let last = 0;

function show(words: ToastWords): number {
  last += 1;
  const patience = words.undo || words.tone === "error" ? 10_000 : 5000;
  const toast = { ...words, id: last, tone: words.tone ?? "neutral", duration: words.duration ?? patience };
  toasts.value = [...toasts.value, toast].slice(-MOST);
  return last;
}

function dismiss(id: number) {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** The short notices at the corner of the screen; `Toasts` in the shell shows them. */
export function useToasts() {
  return { toasts: readonly(toasts), show, dismiss };
}
