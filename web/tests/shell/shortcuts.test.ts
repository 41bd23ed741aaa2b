import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, ref, type EffectScope } from "vue";
import { boundShortcuts, listenForShortcuts, useShortcut } from "@/app/shortcuts";

let scope: EffectScope;
let end: () => void;

beforeEach(() => {
  scope = effectScope();
  end = listenForShortcuts();
});
afterEach(() => {
  scope.stop();
  end();
  document.body.innerHTML = "";
});

function press(key: string, more: KeyboardEventInit = {}, target: EventTarget = document.body) {
  const code = /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key;
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

function bind(keys: string, options: Parameters<typeof useShortcut>[3] = {}) {
  const act = vi.fn();
  scope.run(() => useShortcut(keys, keys, act, options));
  return act;
}

describe("a shortcut", () => {
  it("is a key, one with a modifier, or one after another", () => {
    const help = bind("?");
    const palette = bind("mod+k");
    const runs = bind("g r");
    press("?", { shiftKey: true });
    press("k", { ctrlKey: true });
    press("g");
    press("r");
    for (const act of [help, palette, runs]) expect(act).toHaveBeenCalledOnce();
  });

  it("keeps the browser from doing something else with its keys only", () => {
    bind("mod+k");
    expect(press("k", { ctrlKey: true }).defaultPrevented).toBe(true);
    expect(press("p", { ctrlKey: true }).defaultPrevented).toBe(false);
  });

  it("works with a Korean keyboard", () => {
    const act = bind("g r");
    press("ㅎ", { code: "KeyG" });
    press("ㄱ", { code: "KeyR" });
    expect(act).toHaveBeenCalledOnce();
  });

  it("does not disturb who types, but for those with a modifier", () => {
    const plain = bind("x");
    const withModifier = bind("mod+enter");
    const input = document.body.appendChild(document.createElement("textarea"));
    press("x", {}, input);
    press("Enter", { ctrlKey: true }, input);
    expect(plain).not.toHaveBeenCalled();
    expect(withModifier).toHaveBeenCalledOnce();
    press("x", { isComposing: true });
    expect(plain).not.toHaveBeenCalled();
  });

  it("is forgotten with its component, and sleeps while it is not active", () => {
    const isActive = ref(false);
    const act = bind("x", { isActive });
    press("x");
    expect(boundShortcuts()).toEqual([]);
    isActive.value = true;
    press("x");
    expect(act).toHaveBeenCalledOnce();
    scope.stop();
    press("x");
    expect(act).toHaveBeenCalledOnce();
    expect(boundShortcuts()).toEqual([]);
  });

  it("gives way to what was bound after it", () => {
    const page = bind("x");
    const dialog = bind("x");
    press("x");
    expect(page).not.toHaveBeenCalled();
    expect(dialog).toHaveBeenCalledOnce();
  });

  it("is forgotten half-way when too much time passes", () => {
    const act = bind("g r");
    const stamp = (event: KeyboardEvent, at: number) =>
      Object.defineProperty(event, "timeStamp", { value: at });
    const key = (name: string) =>
      new KeyboardEvent("keydown", { key: name, code: `Key${name.toUpperCase()}`, bubbles: true });
    document.body.dispatchEvent(stamp(key("g"), 1000));
    document.body.dispatchEvent(stamp(key("r"), 3000));
    expect(act).not.toHaveBeenCalled();
  });
});
