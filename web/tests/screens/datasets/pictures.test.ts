import { describe, expect, it } from "vitest";
import { addressOf, labelsOf, placeAfter } from "@/screens/datasets/preview/pictures";

const box = { label: "helmet", left: 0, top: 0, width: 1, height: 1 };

describe("pictures of a dataset", () => {
  it("have an address that keeps their folders and escapes their names", () => {
    expect(addressOf("d1", "train/고양이/a b#1?.png", 64)).toBe(
      `/api/v1/datasets/d1/images/train/${encodeURIComponent("고양이")}/a%20b%231%3F.png?side=64`,
    );
  });

  it("are called by their class, or by what is in them, each once", () => {
    const picture = { path: "a.png", class_name: "cat", split: null, boxes: [] };
    expect(labelsOf(picture)).toEqual(["cat"]);
    expect(labelsOf({ ...picture, class_name: null, boxes: [box, box] })).toEqual(["helmet"]);
    expect(labelsOf({ ...picture, class_name: null })).toEqual([]);
  });

  it("lie in a grid that arrow keys move in, and do not leave", () => {
    expect(placeAfter("ArrowRight", 0, 7, 3)).toBe(1);
    expect(placeAfter("ArrowDown", 1, 7, 3)).toBe(4);
    expect(placeAfter("ArrowUp", 4, 7, 3)).toBe(1);
    expect(placeAfter("ArrowUp", 1, 7, 3)).toBeNull();
    expect(placeAfter("ArrowDown", 5, 7, 3)).toBeNull();
    expect(placeAfter("End", 0, 7, 3)).toBe(6);
    expect(placeAfter("Home", 5, 7, 3)).toBe(0);
    expect(placeAfter("a", 0, 7, 3)).toBeNull();
  });
});
