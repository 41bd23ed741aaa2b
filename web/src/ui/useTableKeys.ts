import type { Ref } from "vue";

interface TableActions {
  active: Ref<number>;
  count: () => number;
  /** How many rows a page holds. */
  page: () => number;
  selectable: () => boolean;
  goTo: (index: number) => Promise<void>;
  open: (index: number, event: KeyboardEvent) => void;
  /** Whether a range has a row to start from. */
  anchored: () => boolean;
  toggle: (index: number) => void;
  extend: (index: number) => void;
  toggleAll: () => void;
  clear: () => void;
}

/** The keyboard of a table: arrows move, space selects, shift extends, enter opens. */
export function useTableKeys(table: TableActions) {
  const moves: Record<string, () => number> = {
    ArrowDown: () => table.active.value + 1,
    ArrowUp: () => table.active.value - 1,
    PageDown: () => table.active.value + table.page(),
    PageUp: () => table.active.value - table.page(),
    Home: () => 0,
    End: () => table.count() - 1,
  };

  function select(event: KeyboardEvent): boolean {
    if (!table.selectable()) return false;
    if (event.key === " ") {
      if (event.shiftKey) table.extend(table.active.value);
      else table.toggle(table.active.value);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) table.toggleAll();
    else if (event.key === "Escape") table.clear();
    else return false;
    return true;
  }

  function key(event: KeyboardEvent) {
    // Keys typed into a control of a cell are that control's.
    if ((event.target as HTMLElement).getAttribute("role") !== "row") return;
    const move = moves[event.key];
    if (move) {
      const ranging = event.shiftKey && table.selectable();
      if (ranging && !table.anchored()) table.toggle(table.active.value);
      void table.goTo(move());
      if (ranging) table.extend(table.active.value);
    } else if (event.key === "Enter") table.open(table.active.value, event);
    else if (!select(event)) return;
    event.preventDefault();
  }

  return { key };
}
