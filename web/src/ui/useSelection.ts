import { computed, ref, type Ref } from "vue";

/** Which rows are selected, by key, with ranges from the last row that was touched. */
export function useSelection(selected: Ref<string[]>, keys: Ref<readonly string[]>) {
  const chosen = computed(() => new Set(selected.value));
  const anchor = ref<number | null>(null);
  const anchored = computed(() => anchor.value !== null);
  const all = computed<boolean | "indeterminate">(() => {
    if (keys.value.length === 0 || chosen.value.size === 0) return false;
    return keys.value.every((key) => chosen.value.has(key)) ? true : "indeterminate";
  });

  function write(next: Set<string>) {
    selected.value = [...next];
  }

  function toggle(index: number) {
    const key = keys.value[index];
    if (key === undefined) return;
    const next = new Set(chosen.value);
    if (!next.delete(key)) next.add(key);
    anchor.value = index;
    write(next);
  }

  /** Gives every row from the anchor to this one the state the anchor has. */
  function extend(index: number) {
    if (anchor.value === null) {
      toggle(index);
      return;
    }
    const from = Math.min(anchor.value, index);
    const to = Math.max(anchor.value, index);
    const on = chosen.value.has(keys.value[anchor.value] ?? "");
    const next = new Set(chosen.value);
    for (const key of keys.value.slice(from, to + 1)) {
      if (on) next.add(key);
      else next.delete(key);
    }
    write(next);
  }

  function toggleAll() {
    write(all.value === true ? new Set() : new Set(keys.value));
  }

  function clear() {
    anchor.value = null;
    write(new Set());
  }

  return { chosen, all, anchored, toggle, extend, toggleAll, clear };
}
