import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import ProgressBar from "@/ui/atoms/ProgressBar.vue";
import StatusBadge from "@/ui/atoms/StatusBadge.vue";
import ConfirmDialog from "@/ui/molecules/ConfirmDialog.vue";
import ErrorState from "@/ui/molecules/ErrorState.vue";
import LoadMore from "@/ui/molecules/LoadMore.vue";
import Stat from "@/ui/molecules/Stat.vue";
import { runStatuses } from "@/ui/status";
import { useToasts } from "@/ui/toasts";
import { mounted } from "./mounting";

afterEach(() => {
  document.body.innerHTML = "";
});

describe("StatusBadge", () => {
  it.each(runStatuses)("says %s by word and icon in both languages", (status) => {
    for (const language of ["en", "ko"] as const) {
      const badge = mounted(StatusBadge, { props: { status, look: "icon" } }, language);
      expect(badge.text()).not.toBe("");
      expect(badge.text()).not.toContain("ui.status");
      expect(badge.find("svg").attributes("aria-hidden")).toBe("true");
    }
  });
  it("shows a status it does not know as it is", () => {
    expect(mounted(StatusBadge, { props: { status: "dreaming" } }).text()).toBe("dreaming");
  });
});

describe("ProgressBar", () => {
  it("tells how far", () => {
    const bar = mounted(ProgressBar, { props: { value: 5, max: 20, label: "Epoch" } }).find("[role=progressbar]");
    expect(bar.attributes()).toMatchObject({ "aria-valuenow": "25", "aria-label": "Epoch" });
  });
  it("claims nothing when nobody knows", () => {
    const bar = mounted(ProgressBar, { props: { value: null, label: "x" } }).find("[role=progressbar]");
    expect(bar.attributes("aria-valuenow")).toBeUndefined();
  });
  it("never passes its end", () => {
    const bar = mounted(ProgressBar, { props: { value: 30, max: 20, label: "x" } }).find("[role=progressbar]");
    expect(bar.attributes("aria-valuenow")).toBe("100");
  });
});

describe("ErrorState", () => {
  const fault = { code: "no_space", message: "The disk is full.", mend: "trainwright runs prune" };
  it("says what happened and the command that mends it", () => {
    const state = mounted(ErrorState, { props: { fault } });
    expect(state.attributes("role")).toBe("alert");
    for (const words of Object.values(fault)) expect(state.text()).toContain(words);
  });
  it("offers to try again only to an owner who listens", async () => {
    const named = (state: ReturnType<typeof mounted>) => state.findAll("button").filter((button) => button.text() === "Try again");
    expect(named(mounted(ErrorState, { props: { fault } }))).toHaveLength(0);
    const onRetry = vi.fn<() => void>();
    const [button] = named(mounted(ErrorState, { props: { fault, onRetry } }));
    await button?.trigger("click");
    expect(onRetry).toHaveBeenCalledOnce();
  });
});

describe("ConfirmDialog", () => {
  async function opened(props: object) {
    const dialog = mounted(ConfirmDialog, { props: { open: true, title: "Delete?", confirm: "Delete run", ...props } });
    await flushPromises();
    const button = (words: string) =>
      [...document.querySelectorAll("button")].find((one) => one.textContent?.trim() === words);
    return { dialog, button };
  }

  it("is an alert dialog named by its title", async () => {
    await opened({ text: "It is gone then." });
    const box = document.querySelector("[role=alertdialog]");
    expect(document.getElementById(box?.getAttribute("aria-labelledby") ?? "")?.textContent).toBe("Delete?");
    expect(document.getElementById(box?.getAttribute("aria-describedby") ?? "")?.textContent).toBe("It is gone then.");
  });
  it("waits for the name to be typed", async () => {
    const { dialog, button } = await opened({ typed: "run-7" });
    expect(button("Delete run")?.disabled).toBe(true);
    const input = document.querySelector("input");
    if (!input) throw new Error("no input");
    input.value = "run-7";
    input.dispatchEvent(new Event("input"));
    await nextTick();
    button("Delete run")?.click();
    expect(dialog.emitted("confirm")).toHaveLength(1);
  });
  it("cannot be left or done twice while it is being done", async () => {
    const { dialog, button } = await opened({ busy: true });
    button("Delete run")?.click();
    button("Cancel")?.click();
    expect(dialog.emitted("confirm")).toBeUndefined();
    expect(dialog.emitted("cancel")).toBeUndefined();
  });
});

describe("Stat", () => {
  it.each([
    [0.1, "up", "text-success-ink", "up 0.1"],
    [0.1, "down", "text-error-ink", "up 0.1"],
    [-0.1, "down", "text-success-ink", "down 0.1"],
  ] as const)("a change of %f where %s is better", (delta, better, look, words) => {
    const stat = mounted(Stat, { props: { label: "x", value: "1", delta, better } });
    expect(stat.html()).toContain(look);
    expect(stat.find(".sr-only").text()).toBe(words);
  });
});

it("LoadMore asks once while a page is on its way", async () => {
  const more = mounted(LoadMore, { props: { shown: 50, total: 120, more: true } });
  await more.find("button").trigger("click");
  await more.setProps({ loading: true });
  await more.find("button").trigger("click");
  expect(more.emitted("more")).toHaveLength(1);
  await more.setProps({ loading: false, more: false });
  expect(more.text()).toBe("All 120 shown");
});

describe("toasts", () => {
  it("keep the newest four, and go when told", () => {
    const { toasts, show, dismiss } = useToasts();
    const ids = Array.from({ length: 6 }, (_, at) => show({ text: `t${at}` }));
    expect(toasts.value.map(({ text }) => text)).toEqual(["t2", "t3", "t4", "t5"]);
    dismiss(ids[3] ?? 0);
    expect(toasts.value.map(({ text }) => text)).toEqual(["t2", "t4", "t5"]);
  });
  it("stay longer when there is something to undo", () => {
    const { toasts, show } = useToasts();
    show({ text: "gone", undo: () => undefined });
    show({ text: "saved" });
    const [undoable, plain] = toasts.value.slice(-2);
    expect(undoable?.duration).toBeGreaterThan(plain?.duration ?? 0);
  });
});
