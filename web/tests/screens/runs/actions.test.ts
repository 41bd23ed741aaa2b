import { describe, expect, it } from "vitest";
import { ApiFault } from "@/api/errors";
import { toEach } from "@/screens/runs/actions";

describe("what is done to many runs", () => {
  it("is done to each, a few at a time, and one that fails keeps none of the others from it", async () => {
    const ids = Array.from({ length: 40 }, (_, n) => `r${n}`);
    let busy = 0;
    let most = 0;
    const { done, fault } = await toEach(ids, async (id) => {
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
