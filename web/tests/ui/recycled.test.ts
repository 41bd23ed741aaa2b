import { describe, expect, it } from "vitest";
import { handOn, inOrder, type Placed } from "@/ui/recycled";

const window = (from: number, count: number) => Array.from({ length: count }, (_, at) => `r${from + at}`);
const keysOf = (placed: readonly Placed[]) => placed.map(({ key }) => key);
const slotsOf = (placed: readonly Placed[]) => placed.map(({ slot }) => slot);
const slotOf = (placed: readonly Placed[], key: string) => placed.find((one) => one.key === key)?.slot;

describe("rows that pass by", () => {
  const start = inOrder([], window(0, 6), "r0");

  it("are drawn by the nodes of those that left, none of which is moved", () => {
    const next = handOn(start, ["r0", ...window(3, 5)]);
    expect(slotsOf(next)).toEqual(slotsOf(start));
    expect(keysOf(next)).toEqual(["r0", "r6", "r7", "r3", "r4", "r5"]);
  });

  it("get nodes of their own where none is free, and leave none over", () => {
    const more = handOn(start, window(2, 8));
    expect(new Set(keysOf(more))).toEqual(new Set(window(2, 8)));
    expect(new Set(slotsOf(more)).size).toBe(8);
    expect(handOn(more, ["r9"])).toEqual([{ key: "r9", slot: slotOf(more, "r9") }]);
    expect(handOn(more, [])).toEqual([]);
  });

  it("stand in order once the list rests, by nodes that are there", () => {
    const passing = handOn(start, ["r0", ...window(3, 5)]);
    const resting = inOrder(passing, ["r0", ...window(3, 5)], "r0");
    expect(keysOf(resting)).toEqual(["r0", ...window(3, 5)]);
    expect(new Set(slotsOf(resting))).toEqual(new Set(slotsOf(start)));
    for (const key of keysOf(resting)) expect(slotOf(resting, key)).toBe(slotOf(passing, key));
  });

  it("never make the pinned node move: what stood on its other side is made anew", () => {
    // shown from r90 on, the focus is on r95; then far below, and back
    let placed = inOrder([], window(90, 10), "r95");
    for (const keys of [["r95", ...window(500, 9)], [...window(2, 9), "r95"], window(88, 10)]) {
      const passing = handOn(placed, keys);
      const resting = inOrder(passing, keys, "r95");
      expect(keysOf(resting)).toEqual(keys);
      expect(new Set(slotsOf(resting)).size).toBe(keys.length);
      expect(slotOf(resting, "r95")).toBe(slotOf(placed, "r95"));
      const pin = passing.findIndex(({ key }) => key === "r95");
      const passed = resting.filter(({ slot }, place) => {
        const stood = slotsOf(passing).indexOf(slot);
        return stood >= 0 && Math.sign(stood - pin) !== Math.sign(place - keys.indexOf("r95"));
      });
      expect(passed).toEqual([]);
      placed = resting;
    }
  });
});
