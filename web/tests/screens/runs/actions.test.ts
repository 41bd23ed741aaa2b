import { describe, expect, it } from "vitest";
import { ApiFault } from "@/api/errors";
import { eachOf, undoing } from "@/screens/runs/actions";

describe("what is done to many runs", () => {
  it("is done to each, a few at a time, and one that fails keeps none of the others from it", async () => {
    const ids = Array.from({ length: 40 }, (_, n) => `r${n}`);
    let busy = 0;
    let most = 0;
    const { done, fault } = await eachOf(ids, async (id) => {
      busy += 1;
      most = Math.max(most, busy);
      await new Promise((resolve) => setTimeout(resolve, 1));
      busy -= 1;
      if (id === "r7") throw new ApiFault("conflict", "it has ended");
    });
    expect(done.toSorted()).toEqual(ids.filter((id) => id !== "r7").toSorted());
    expect(fault?.code).toBe("conflict");
    expect(most).toBeLessThanOrEqual(8);
  });
});

describe("a change that is taken back", () => {
  const before = [
    { id: "a", tags: ["x"], project_id: null },
    { id: "b", tags: [], project_id: "p1" },
    { id: "c", tags: [], project_id: "p1" },
  ];

  it("puts each run back into the project it came from, those of one together", () => {
    const asked = undoing(before, { project_id: "p2" });
    expect(asked.map(({ runs, project_id }) => [runs, project_id])).toEqual([[["a"], null], [["b", "c"], "p1"]]);
  });

  it("takes tags from those alone that had none of them, and leaves projects alone", () => {
    const asked = undoing(before, { add_tags: ["x", "y"], remove_tags: ["z"] });
    expect(asked.map(({ runs, remove_tags, add_tags }) => [runs, remove_tags, add_tags])).toContainEqual([["a"], ["y"], []]);
    expect(asked.every((one) => !("project_id" in one))).toBe(true);
  });
});
