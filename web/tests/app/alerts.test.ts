import { describe, expect, it } from "vitest";
import type { AlertView } from "@/api/types";
import { useAlertText, type Rule } from "@/app/alerts";
import { speaking } from "./speaking";

/** An alert as the server tells it. */
function alertOf(rule: string, facts: AlertView["facts"], more: Partial<AlertView> = {}): AlertView {
  const at = "2026-01-01T00:00:00Z";
  return {
    id: "a1", run_id: "r1", run_name: "lenet", attempt: 1, rule, severity: "error",
    message: "what the server said", hint: "what the server advised", facts, count: 1,
    opened_at: at, updated_at: at, resolved_at: null, resolution: null,
    acknowledged_at: null, acknowledged_by: null, ...more,
  };
}

const LOSS = { metric: "train/loss", step: 1400, from_step: 300, to_step: 1400 };

/** Evidence as each rule gives it, and what is said of it. */
const TOLD = {
  nan_loss: {
    facts: { ...LOSS, value: "nan", last: 0.9 },
    ko: "1,400스텝에서 train/loss 값이 NaN입니다. 마지막 정상 값은 0.9입니다.",
    en: "train/loss is NaN at step 1,400; the last number was 0.9.",
  },
  loss_spike: {
    facts: { ...LOSS, value: 9, median: 1.0947477940549346, limit: 1.6053667214339817 },
    ko: "1,400스텝에서 train/loss 값이 9까지 뛰었습니다. 중앙값은 1.095, 급등으로 보는 기준은 1.605입니다.",
    en: "train/loss jumped to 9 at step 1,400: its median was 1.095, and more than 1.605 is a jump.",
  },
  loss_diverging: {
    facts: { ...LOSS, value: 7.987500005781304, best: 1.1701903537082567, best_step: 309 },
    ko: "train/loss 값이 계속 커지고 있습니다. 1,400스텝에서 평균 7.988, 가장 낮았던 값은 309스텝에서 1.17입니다.",
    en: "train/loss keeps rising: 7.988 on average at step 1,400, after 1.17 at step 309.",
  },
  loss_plateau: {
    facts: { ...LOSS, value: 0.7999999996730773, best: 0.7627272853503111, points: 2000 },
    ko: "train/loss 값이 측정 2,000회 동안 1 % 넘게 줄지 않았습니다. 1,400스텝에서 0.8, 가장 낮았던 값은 300스텝에서 0.7627입니다.",
    en: "train/loss has not fallen by 1 % for 2,000 points: it is 0.8 at step 1,400, after 0.7627 at step 300.",
  },
  stall: {
    facts: { step: 9, silent_seconds: 382, usual_seconds: 2, limit: 120 },
    ko: "9스텝 이후 6분 22초 동안 다음 스텝이 없습니다. 평소 간격은 2초입니다.",
    en: "No step after step 9 for 6m 22s; usually one comes every 2s.",
  },
  disk_filling: {
    facts: { free_gb: 29.7, limit_gb: 2, minutes_left: 21, gb_a_minute: 1.4 },
    ko: "실행이 쓰는 디스크가 약 21분 뒤에 가득 찹니다. 29.7 GB 남았고, 1분에 1.4 GB씩 줄고 있습니다.",
    en: "The run's disk will be full in about 21m: 29.7 GB are free, and 1.4 GB go a minute.",
  },
  gpu_idle: {
    facts: { value: 1, minutes: 11, gpus: 1 },
    ko: "이 실행의 GPU가 11분 동안 쓰이지 않았습니다(사용률 1%).",
    en: "The GPUs of this run have been idle for 11m (1% in use).",
  },
  gpu_memory: {
    facts: { value: 99.6, limit: 98, gpu: 0, used_gb: 23.9, total_gb: 24 },
    ko: "GPU 0 메모리 사용률이 100%입니다(24 GB 중 23.9 GB).",
    en: "100% of the memory of GPU 0 is in use (23.9 GB of 24 GB).",
  },
  host_memory: {
    facts: { value: 97, limit: 95, memory_gb: 12.3 },
    ko: "컴퓨터의 메모리 사용률이 97%이고, 이 학습은 12.3 GB 쓰고 있습니다. 시스템이 학습을 강제로 끝낼 수 있습니다.",
    en: "97% of the machine's memory is in use, 12.3 GB by this training: the system may end it.",
  },
  failed: { facts: { code: "oom", exit_code: 1 }, ko: "컴퓨터의 메모리가 부족했습니다", en: "The machine's memory was not enough" },
  lost: {
    facts: {},
    ko: "실행의 상태를 볼 수 없습니다. 아직 학습 중일 수 있습니다.",
    en: "The run cannot be seen; it may still be training.",
  },
} satisfies Record<Rule, { facts: AlertView["facts"]; ko: string; en: string }>;

const cases = Object.entries(TOLD).flatMap(([rule, told]) =>
  (["ko", "en"] as const).map((language) => ({ rule, language, facts: told.facts, said: told[language] })),
);

describe("an alert of the platform's own", () => {
  it.each(cases)("says $rule in $language with its figures", ({ rule, language, facts, said }) => {
    const { text } = speaking(language, useAlertText);
    const told = text(alertOf(rule, facts));
    expect(told.message).toBe(said);
    expect(told.title).not.toBe(rule);
    expect(told.hint).not.toBe("what the server advised");
  });

  it("keeps what the server said where its own words do not hold it", () => {
    const { text } = speaking("ko", useAlertText);
    expect(text(alertOf("failed", { code: "killed" })).detail).toBe("what the server said");
    expect(text(alertOf("lost", { why: "the disk is gone" })).detail).toBe("the disk is gone");
    expect(text(alertOf("loss_spike", TOLD.loss_spike.facts)).detail).toBeNull();
  });

  it("says as much as there is evidence for", () => {
    const { text } = speaking("ko", useAlertText);
    const first = { metric: "loss", value: "-inf", step: null, last: null };
    expect(text(alertOf("nan_loss", first)).message).toBe("loss 값이 −∞입니다.");
    expect(text(alertOf("disk_filling", { free_gb: 0.85, limit_gb: 2 })).message).toContain("850 MB 남았습니다");
    expect(text(alertOf("stall", {}))).toMatchObject({ title: "진행 없음", detail: "what the server said" });
  });
});

describe("the server's own words", () => {
  const said = { message: "what the server said", detail: null };

  it.each([
    ["an agent's warning", alertOf("my_rule", {}), "my_rule"],
    ["an agent's warning with a name that objects know", alertOf("constructor", {}), "constructor"],
    ["an agent's warning whose name is known", alertOf("checkpoint_missing", {}), "체크포인트 없음"],
    ["evidence of an older version", alertOf("loss_plateau", { ...TOLD.loss_plateau.facts, points: undefined }), "손실 정체"],
    ["a failure nobody knows", alertOf("failed", { code: "odd" }), "실행 실패"],
  ])("stand for %s", (_, alert, title) => {
    expect(speaking("ko", useAlertText).text(alert)).toMatchObject({ title, ...said });
  });

  it("give way where advice is known", () => {
    const { text } = speaking("ko", useAlertText);
    expect(text(alertOf("my_rule", {})).hint).toBe("what the server advised");
    expect(text(alertOf("checkpoint_missing", {})).hint).toContain("체크포인트");
  });
});

describe("an alert that is over", () => {
  const { resolution } = speaking("ko", useAlertText);

  it.each([
    ["train/loss is 1, 16 points later", "손실이 다시 내려옴"],
    ["attempt 2 goes on", "2번째 시도가 이어짐"],
    ["the run is completed", "실행이 끝남"],
    ["seen by kim", null],
    [null, null],
  ])("%s", (why, said) => {
    expect(resolution(alertOf("loss_spike", {}, { resolution: why }))).toBe(said);
  });

  it("has words for every rule that may be over by itself", () => {
    for (const rule of Object.keys(TOLD).filter((name) => name !== "failed")) {
      expect(resolution(alertOf(rule, {}, { resolution: "odd" }))).not.toBe("odd");
    }
    expect(resolution(alertOf("my_rule", {}, { resolution: "odd" }))).toBe("odd");
  });
});
