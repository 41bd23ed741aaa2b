import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { h, type Component } from "vue";
import DataTable from "@/ui/organisms/DataTable.vue";
import VirtualLog from "@/ui/organisms/VirtualLog.vue";
import { mounted } from "./mounting";

// happy-dom lays nothing out: a frame of 800 × 400 lets the virtual lists draw.
const sizes = { offsetHeight: 400, offsetWidth: 800, clientHeight: 400 };
const kept = Object.keys(sizes).map((name) => [name, Object.getOwnPropertyDescriptor(HTMLElement.prototype, name)] as const);
beforeAll(() => {
  for (const [name, value] of Object.entries(sizes)) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
  }
});
afterAll(() => {
  for (const [name, was] of kept) {
    if (was) Object.defineProperty(HTMLElement.prototype, name, was);
    else Reflect.deleteProperty(HTMLElement.prototype, name);
  }
});
beforeEach(() => {
  document.body.innerHTML = "";
});

interface Row {
  id: string;
  score: number;
}
// A generic component's type is a function's, which test-utils does not mount.
const Table = DataTable as unknown as Component;
const rows = Array.from({ length: 10_000 }, (_, at): Row => ({ id: `r${at}`, score: (at * 7919) % 10_000 }));

async function table(props: object = {}) {
  const part = mounted(Table, {
    props: {
      rows,
      columns: [
        { id: "id", label: "Name", value: (row: Row) => row.id, sortable: true },
        { id: "score", label: "Score", value: (row: Row) => row.score, sortable: true, hideable: true },
      ],
      rowKey: (row: Row) => row.id,
      label: "Runs",
      selectable: true,
      activatable: true,
      ...props,
    },
  });
  await flushPromises();
  return part as VueWrapper;
}
const drawn = (part: VueWrapper) => part.findAll("[role=row][aria-selected]");
const key = (part: VueWrapper, index: number, event: object) =>
  part.find(`[aria-rowindex="${index + 2}"]`).trigger("keydown", event);
const selected = (part: VueWrapper) => part.emitted<[string[]]>("update:selected")?.at(-1)?.[0].toSorted();

describe("DataTable", () => {
  it("draws few of ten thousand rows, and tells how many there are", async () => {
    const part = await table();
    expect(drawn(part).length).toBeGreaterThan(5);
    expect(drawn(part).length).toBeLessThan(60);
    expect(part.find("[role=grid]").attributes("aria-rowcount")).toBe("10001");
  });

  it("is walked by keys: down moves the one row in the tab order", async () => {
    const part = await table();
    await key(part, 0, { key: "ArrowDown" });
    await flushPromises();
    const inOrder = part.findAll('[role=row][tabindex="0"]');
    expect(inOrder).toHaveLength(1);
    expect(inOrder[0]?.attributes("aria-rowindex")).toBe("3");
    expect(document.activeElement).toBe(inOrder[0]?.element);
  });

  it("selects by space, and a range by Shift", async () => {
    const part = await table();
    await key(part, 1, { key: "x" });
    await key(part, 0, { key: " " });
    expect(selected(part)).toEqual(["r0"]);
    await key(part, 0, { key: "ArrowDown", shiftKey: true });
    await key(part, 1, { key: "ArrowDown", shiftKey: true });
    expect(selected(part)).toEqual(["r0", "r1", "r2"]);
    await key(part, 2, { key: "Escape" });
    expect(selected(part)).toEqual([]);
    await key(part, 2, { key: "a", ctrlKey: true });
    expect(selected(part)).toHaveLength(10_000);
  });

  it("opens a row by Enter or click, but not by a click on its checkbox", async () => {
    const part = await table();
    await part.find('[aria-rowindex="4"] input').trigger("click");
    expect(part.emitted("open")).toBeUndefined();
    await part.find('[aria-rowindex="4"]').trigger("click");
    expect(part.emitted("open")?.[0]?.[0]).toBe(rows[2]);
    await key(part, 2, { key: "Enter" });
    expect(part.emitted("open")).toHaveLength(2);
  });

  it("sorts where told to, and says so in the head", async () => {
    const part = await table({ sortLocally: true, sort: { id: "score", descending: true } });
    expect(part.findAll("[role=columnheader]").map((head) => head.attributes("aria-sort"))).toEqual([undefined, "none", "descending"]);
    expect(drawn(part)[0]?.text()).toContain("9999");
    await part.findAll("[role=columnheader] button")[1]?.trigger("click");
    expect(part.emitted("update:sort")?.at(-1)).toEqual([null]);
  });

  it("asks for more at its end, once", async () => {
    const part = await table({ rows: rows.slice(0, 12), more: true });
    expect(part.emitted("loadMore")).toHaveLength(1);
    await part.setProps({ loadingMore: true });
    await part.setProps({ rows: rows.slice(0, 14) });
    expect(part.emitted("loadMore")).toHaveLength(1);
    await part.setProps({ loadingMore: false });
    expect(part.emitted("loadMore")).toHaveLength(2);
  });

  it("shows that it loads, that there is nothing, and what went wrong", async () => {
    const part = await table({ rows: [], loading: true });
    expect(part.find("[role=grid]").attributes("aria-busy")).toBe("true");
    await part.setProps({ loading: false });
    expect(part.text()).toContain("No rows");
    await part.setProps({ fault: { code: "x1", message: "The store is gone." } });
    expect(part.find("[role=alert]").text()).toContain("The store is gone.");
  });

  it("scrolls by changing its rows, in order once it rests, and keeps the focus", async () => {
    const part = await table({ recycled: true });
    const focused = part.find<HTMLElement>('[aria-rowindex="2"]').element;
    focused.focus();
    const nodes = new Set(drawn(part).map(({ element }) => element));
    const frame = part.find("[role=grid]").element;
    for (const row of [500, 505]) {
      frame.scrollTop = 40 * row;
      frame.dispatchEvent(new Event("scroll"));
      // oxlint-disable-next-line no-await-in-loop
      await flushPromises();
    }
    expect(part.text()).toContain("r505");
    expect(drawn(part).filter(({ element }) => !nodes.has(element)).length).toBeLessThan(nodes.size / 2);
    const places = () => drawn(part).map((row) => Number(row.attributes("aria-rowindex")));
    const sorted = () => places().toSorted((one, other) => one - other);
    expect(places()).not.toEqual(sorted());
    await vi.waitFor(() => expect(places()).toEqual(sorted()));
    expect(document.activeElement).toBe(focused);
    expect(focused.textContent).toContain("r0");
  });

  it("hides a column", async () => {
    const part = await table({ hidden: ["score"] });
    expect(part.findAll("[role=columnheader]")).toHaveLength(2);
  });

  it("has no bar above it where nothing would stand in it", async () => {
    const columns = [{ id: "id", label: "Name", value: (row: Row) => row.id }];
    const part = await table({ columns });
    const parts = () => [...part.element.children].map((child) => child.getAttribute("role"));
    expect(parts()).toEqual(["status", "grid"]);
    await part.setProps({ selected: ["r0"] });
    expect(parts()).toEqual([null, "status", "grid"]);
    expect(part.text()).toContain("1 selected");
  });

  it("gives a cell's slot its row and its value", async () => {
    const part = mounted(Table, {
      props: { rows: rows.slice(0, 1), columns: [{ id: "id", label: "Name", value: (row: Row) => row.id }], rowKey: (row: Row) => row.id, label: "x" },
      slots: { "cell-id": (cell: { value: unknown; index: number }) => h("b", `${String(cell.value)} at ${cell.index}`) },
    });
    await flushPromises();
    expect(part.find("b").text()).toBe("r0 at 0");
  });
});

describe("VirtualLog", () => {
  it("asks for the lines it lacks, and draws them when they come", async () => {
    const known = new Map<number, string>();
    const log = mounted(VirtualLog, {
      props: { total: 5000, follow: false, line: (index: number) => (known.has(index) ? { text: known.get(index) ?? "" } : undefined) },
    });
    await flushPromises();
    const [from, to] = log.emitted<[number, number]>("range")?.at(-1) ?? [0, 0];
    expect(from).toBe(0);
    expect(to).toBeLessThan(100);
    for (let index = from; index < to; index += 1) known.set(index, `line ${index} <b>`);
    await log.setProps({ version: 1 });
    expect(log.text()).toContain("line 3 <b>");
    expect(log.find("[role=log] b").exists()).toBe(false);
  });

  it("marks hits and counts them", async () => {
    const log = mounted(VirtualLog, {
      props: { total: 3, follow: false, query: "oom", matches: [1], line: (index: number) => ({ text: index === 1 ? "cuda OOM here" : "fine" }) },
    });
    await flushPromises();
    expect(log.findAll("mark").map((mark) => mark.text())).toEqual(["OOM"]);
    expect(log.find("[role=toolbar] [role=status]").text()).toBe("1 of 1");
  });
});
