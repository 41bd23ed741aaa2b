import { useIntervalFn } from "@vueuse/core";
import { ref } from "vue";

/** The time, told anew every so often: for what says how long ago something was. */
export function useNow(ms = 10_000) {
  const now = ref(Date.now());
  useIntervalFn(() => (now.value = Date.now()), ms);
  return now;
}
