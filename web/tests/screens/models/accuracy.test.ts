import { describe, expect, it } from "vitest";
import type { Schema } from "@/api/types";
import { accuraciesOf, sourceOf } from "@/screens/models/accuracy";

const model = (accuracy: Record<string, unknown>) => ({ accuracy }) as Schema<"ModelInfo">;

describe("published figures", () => {
  it.each([
    [{ imagenet_top1: 80.4 }, "ImageNet top-1", 80.4],
    [{ coco_box_ap: 37.9 }, "COCO box AP", 37.9],
    [{ cityscapes_miou_ms_flip: 78.2 }, "Cityscapes mIoU, scales and flips", 78.2],
    [{ pascal_context_59_miou: 50.1 }, "Pascal context 59 mIoU", 50.1],
    [{ mnist: 0.992 }, "MNIST", 99.2],
  ])("of %j are called %s", (accuracy, name, value) => {
    const [found] = accuraciesOf(model(accuracy));
    expect(found?.name).toBe(name);
    expect(found?.value).toBeCloseTo(value);
  });

  it("name their source, which is no figure", () => {
    const one = model({ imagenet_top1: 80.4, source: "a paper" });
    expect(sourceOf(one)).toBe("a paper");
    expect(accuraciesOf(one)).toHaveLength(1);
  });
});
