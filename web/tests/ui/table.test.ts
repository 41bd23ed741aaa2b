import { describe, expect, it } from "vitest";
import { computed, ref } from "vue";
import { nextSort, sortRows, type Column } from "@/ui/table";
import { useSelection } from "@/ui/useSelection";

interface Row {
  name: string;
  score: number | null;
}
const rows: Row[] = [
  { name: "run-10", score: 0.5 },
  { name: "run-2", score: null },
  { name: "run-1", score: 0.9 },
];
const name: Column<Row> = { id: "name", label: "Name", value: (row) => row.name };
const score: Column<Row> = { id: "score", label: "Score", value: (row) => row.score };
const names = (sorted: readonly Row[]) => sorted.map((row) => row.name);

describe("sorting", () => {
  it("knows that run-2 comes before run-10", () => {
    expect(names(sortRows(rows, name, { id: "name", descending: false }))).toEqual(["run-1", "run-2", "run-10"]);
  });
  it("puts what has no value last, in both directions", () => {
    expect(names(sortRows(rows, score, { id: "score", descending: false }))).toEqual(["run-10", "run-1", "run-2"]);
    expect(names(sortRows(rows, score, { id: "score", descending: true }))).toEqual(["run-1", "run-10", "run-2"]);
  });
  it("goes up, down, and back to how it came", () => {
    const up = nextSort(null, "name");
    const down = nextSort(up, "name");
    expect([up?.descending, down?.descending, nextSort(down, "name")]).toEqual([false, true, null]);
    expect(nextSort(down, "score")).toEqual({ id: "score", descending: false });
  });
});

describe("selection", () => {
  function selection(count: number) {
    const selected = ref<string[]>([]);
    const keys = ref(Array.from({ length: count }, (_, at) => `k${at}`));
    return { selected, keys, ...useSelection(selected, computed(() => keys.value)) };
  }

  it("takes a range from the row touched last", () => {
    const { selected, toggle, extend } = selection(6);
    toggle(4);
    extend(2);
    expect(selected.value.toSorted()).toEqual(["k2", "k3", "k4"]);
  });
  it("lets go of a range when the row touched last was let go", () => {
    const { selected, toggle, extend, toggleAll } = selection(5);
    toggleAll();
    toggle(1);
    extend(3);
    expect(selected.value.toSorted()).toEqual(["k0", "k4"]);
  });
  it("says whether all, some or none are selected", () => {
    const { all, toggle, toggleAll, clear } = selection(2);
    expect(all.value).toBe(false);
    toggle(0);
    expect(all.value).toBe("indeterminate");
    toggleAll();
    expect(all.value).toBe(true);
    clear();
    expect(all.value).toBe(false);
  });
  it("keeps rows that are not shown just now", () => {
    const { selected, keys, toggle } = selection(4);
    toggle(3);
    keys.value = ["k0", "k1"];
    toggle(0);
    expect(selected.value).toEqual(["k3", "k0"]);
  });
});
