import { describe, expect, it } from "vitest";
import type { Schema } from "@/api/types";
import { changedBy, wayOf } from "@/screens/chat/plan";

const spec = {
  model: "timm/resnet50", batch_size: 64, gradient_accumulation: 1, image_size: 224, precision: "fp32",
  max_length: null, peft: null, resources: { target: "local" },
} as unknown as Schema<"RunSpec">;

describe("what a plan suggests", () => {
  it("is told by what it changes most", () => {
    expect(wayOf({ precision: "bf16" })).toBe("precision");
    expect(wayOf({ batch_size: 16, gradient_accumulation: 4 })).toBe("batch_size");
    expect(wayOf({ batch_size: 1, gradient_accumulation: 64, peft: "lora" })).toBe("peft");
    expect(wayOf({ batch_size: 1, max_length: 512 })).toBe("max_length");
    expect(wayOf({ batch_size: 1, image_size: 112 })).toBe("image_size");
    expect(wayOf({ seed: 1 })).toBeNull();
  });

  it("names each setting as it is and as it would be, and none that stays", () => {
    expect(changedBy(spec, { batch_size: 16, gradient_accumulation: 4 })).toEqual([
      { name: "batch_size", from: "64", to: "16" },
      { name: "gradient_accumulation", from: "1", to: "4" },
    ]);
    expect(changedBy(spec, { image_size: 112, batch_size: 64 })).toEqual([{ name: "image_size", from: "224", to: "112" }]);
    expect(changedBy(spec, { peft: "lora" })).toEqual([{ name: "peft", from: null, to: "lora" }]);
    const tuned = { ...spec, peft: { method: "lora", r: 8 } } as unknown as Schema<"RunSpec">;
    expect(changedBy(tuned, { peft: "qlora" })).toEqual([{ name: "peft", from: "lora", to: "qlora" }]);
  });
});
