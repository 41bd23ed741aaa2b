import { describe, expect, it } from "vitest";
import { Pace } from "@/screens/datasets/uploading/pace";

describe("Pace", () => {
  it("knows nothing from one moment", () => {
    const pace = new Pace();
    pace.note(0, 0);
    pace.note(5_000_000, 100);
    expect(pace.speed).toBeNull();
  });

  it("is what came in the last seconds, not since the beginning", () => {
    const pace = new Pace();
    for (let second = 0; second <= 20; second += 1) pace.note(second * 1000, second * 1000);
    for (let second = 21; second <= 40; second += 1) {
      pace.note(20_000 + (second - 20) * 9000, second * 1000);
    }
    expect(pace.speed).toBeCloseTo(9000);
  });

  it("forgets what was before a pause", () => {
    const pace = new Pace();
    pace.note(0, 0);
    pace.note(9000, 1000);
    pace.reset();
    expect(pace.speed).toBeNull();
  });
});
