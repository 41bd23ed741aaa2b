import { describe, expect, it } from "vitest";
import { ref } from "vue";
import type { RunDetail } from "@/api/types";
import { useReason } from "@/screens/run/data/useReason";
import { speaking } from "../../app/speaking";

function said(reason: string | null, error: object | null = null): string | null {
  const run = ref({ reason, error } as unknown as RunDetail);
  return speaking("ko", () => useReason(run)).value;
}

describe("why a run is in its status", () => {
  it.each([
    ["fetching s3://data/고양이", "데이터를 가져오는 중: s3://data/고양이"],
    ["resumed from checkpoints/epoch_3.pt", "이어서 시작한 체크포인트: checkpoints/epoch_3.pt"],
    ["resumed automatically", "자동으로 다시 시작되었습니다"],
    ["stopped while paused", "일시 정지 상태에서 중지되었습니다"],
    ["stopped during prepare", "학습을 시작하기 전에 중지되었습니다"],
    ["stopped", null],
    [null, null],
    ["host lab does not answer", "host lab does not answer"],
  ])("%s", (reason, words) => {
    expect(said(reason)).toBe(words);
  });

  it("is left to the error of a run that failed", () => {
    expect(said("resumed automatically", { code: "oom" })).toBeNull();
  });
});
