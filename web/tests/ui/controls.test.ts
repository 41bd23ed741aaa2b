import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { defineComponent, h, nextTick, ref, type Component } from "vue";
import Button from "@/ui/atoms/Button.vue";
import Combobox from "@/ui/atoms/Combobox.vue";
import Input from "@/ui/atoms/Input.vue";
import NumberInput from "@/ui/atoms/NumberInput.vue";
import Segmented from "@/ui/atoms/Segmented.vue";
import Textarea from "@/ui/atoms/Textarea.vue";
import Field from "@/ui/molecules/Field.vue";
import SearchInput from "@/ui/molecules/SearchInput.vue";
import { accepts } from "@/ui/accepts";
import { mounted } from "./mounting";

beforeEach(() => {
  document.body.innerHTML = "";
});

describe("Button", () => {
  it("does nothing while it is loading, but stays in reach", async () => {
    const button = mounted(Button, { props: { loading: true }, slots: { default: "Save" } });
    await button.trigger("click");
    expect(button.emitted("click")).toBeUndefined();
    expect(button.attributes()).toMatchObject({ "aria-busy": "true", "aria-disabled": "true" });
    expect(button.attributes("disabled")).toBeUndefined();
  });
  it("is a link when it leads somewhere", () => {
    const button = mounted(Button, { props: { to: "/runs" }, slots: { default: "Runs" } });
    expect(button.element.tagName).toBe("A");
    expect(button.attributes("href")).toBe("/runs");
  });
});

describe("typing", () => {
  it("does not send with the Enter that ends a Hangul syllable", async () => {
    const input = mounted(Input, { props: { modelValue: "학습", label: "x" } });
    await input.find("input").trigger("keydown", { key: "Enter", isComposing: true });
    expect(input.emitted("enter")).toBeUndefined();
    await input.find("input").trigger("keydown", { key: "Enter" });
    expect(input.emitted("enter")).toEqual([["학습"]]);
  });
  it("sends a text with Enter, breaks it with Shift and Enter", async () => {
    const area = mounted(Textarea, { props: { modelValue: "a", label: "x", submitOnEnter: true } });
    await area.trigger("keydown", { key: "Enter", shiftKey: true });
    await area.trigger("keydown", { key: "Enter", isComposing: true });
    expect(area.emitted("submit")).toBeUndefined();
    await area.trigger("keydown", { key: "Enter" });
    expect(area.emitted("submit")).toEqual([["a"]]);
  });
  it("sends a long text with Ctrl and Enter only", async () => {
    const area = mounted(Textarea, { props: { modelValue: "a", label: "x" } });
    await area.trigger("keydown", { key: "Enter" });
    expect(area.emitted("submit")).toBeUndefined();
    await area.trigger("keydown", { key: "Enter", ctrlKey: true });
    expect(area.emitted("submit")).toHaveLength(1);
  });
});

describe("SearchInput", () => {
  it("takes no more than is searched for", () => {
    expect(mounted(SearchInput).find("input").attributes("maxlength")).toBe("200");
  });
});

describe("Combobox", () => {
  const options = ["resnet18", "resnet50", "lenet5"].map((value) => ({ value, label: value }));
  const field = (part: VueWrapper) => part.find<HTMLInputElement>("[role=combobox]");
  const offered = () => [...document.querySelectorAll("[role=option]")].map((option) => option.textContent?.trim());

  it("is a plain field until somebody comes near, with its name and value", async () => {
    const part = mounted(Combobox as Component, { props: { options, modelValue: "lenet5", label: "Model" } });
    const plain = field(part).element;
    expect(field(part).attributes()).toMatchObject({ "aria-label": "Model", "aria-expanded": "false" });
    expect(plain.value).toBe("lenet5");
    await part.find(".control").trigger("pointerenter");
    await vi.waitFor(() => expect(field(part).element).not.toBe(plain));
    expect(field(part).element.value).toBe("lenet5");
    expect(document.activeElement).toBe(document.body);
    part.unmount();
  });

  it("takes along the focus and what was typed before its list was there", async () => {
    const part = mounted(Combobox as Component, { props: { options, label: "Model" } });
    const plain = field(part).element;
    plain.focus();
    await field(part).setValue("resnet");
    await vi.waitFor(() => expect(offered()).toEqual(["resnet18", "resnet50"]));
    expect(field(part).element).not.toBe(plain);
    expect(document.activeElement).toBe(field(part).element);
    expect(part.emitted("query")?.at(-1)).toEqual(["resnet"]);
    part.unmount();
  });

  it("does not choose what was found for less than was typed", async () => {
    const part = mounted(Combobox as Component, { props: { options, modelValue: "lenet5", label: "Model", remote: true } });
    const plain = field(part).element;
    plain.focus();
    await vi.waitFor(() => expect(field(part).element).not.toBe(plain));
    await field(part).setValue("nothing like it");
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
    field(part).element.dispatchEvent(enter);
    await flushPromises();
    expect(part.emitted("update:modelValue")).toBeUndefined();
    expect(enter.defaultPrevented).toBe(true);
    await part.setProps({ options: [{ value: "found", label: "found" }] });
    await vi.waitFor(() => expect(offered()).toEqual(["found"]));
    part.unmount();
  });

  it("does not cover what is said beside it where nothing could be found out", async () => {
    const part = mounted(Combobox as Component, { props: { options, label: "Model", remote: true } });
    await part.find(".control").trigger("pointerenter");
    await import("@/ui/atoms/ComboboxField.vue");
    await flushPromises();
    const fails = async (typed: string) => {
      await field(part).setValue(typed);
      await vi.waitFor(() => expect(offered()).not.toEqual([]));
      await part.setProps({ loading: true });
      await part.setProps({ failed: true, loading: false });
      await vi.waitFor(() => expect(offered()).toEqual([]));
      expect(field(part).element.value).toBe(typed);
    };
    await fails("resnet");
    await fails("resnet1");
    part.unmount();
  });

  it("waits for the end of a syllable that is being composed", async () => {
    const part = mounted(Combobox as Component, { props: { options, label: "Model", free: true } });
    const plain = field(part).element;
    plain.focus();
    await field(part).trigger("compositionstart");
    await import("@/ui/atoms/ComboboxField.vue");
    await flushPromises();
    expect(field(part).element).toBe(plain);
    plain.value = "학습";
    await field(part).trigger("compositionend");
    await vi.waitFor(() => expect(offered()).toEqual(["Use “학습”"]));
    part.unmount();
  });
});

describe("NumberInput", () => {
  const make = (props: object) => {
    const value = ref<number | null>(0.001);
    const owner = defineComponent(() => () =>
      h(NumberInput, { label: "rate", ...props, modelValue: value.value, "onUpdate:modelValue": (next: number | null) => (value.value = next) }),
    );
    return { value, input: mounted(owner).find("input") };
  };

  it("takes a number as people of the trade write it", async () => {
    const { value, input } = make({});
    await input.setValue("3e-");
    expect(value.value).toBe(0.001);
    await input.setValue("3e-4");
    expect(value.value).toBe(3e-4);
    expect(input.element.value).toBe("3e-4");
  });
  it("refuses what is out of range, and shows the last good value when one leaves", async () => {
    const { value, input } = make({ min: 0, max: 1 });
    await input.setValue("7");
    expect(input.attributes("aria-invalid")).toBe("true");
    expect(value.value).toBe(0.001);
    await input.trigger("blur");
    expect(input.element.value).toBe("0.001");
    expect(input.attributes("aria-invalid")).toBeUndefined();
  });
  it("holds back the form that would be sent with the last good value instead of the wrong one", async () => {
    const value = ref<number | null>(2);
    const form = mounted(
      defineComponent(() => () =>
        h("form", [
          h(NumberInput, { label: "epochs", integer: true, min: 1, modelValue: value.value, "onUpdate:modelValue": (next: number | null) => (value.value = next) }),
          h("button", { type: "submit" }),
        ]),
      ),
    );
    const input = form.find("input");
    await input.setValue("-3");
    input.element.dispatchEvent(new FocusEvent("blur", { relatedTarget: form.find("[type=submit]").element }));
    await flushPromises();
    expect(input.element.value).toBe("-3");
    expect(form.find("form").element.checkValidity()).toBe(false);
    await input.setValue("3");
    expect(form.find("form").element.checkValidity()).toBe(true);
    form.unmount();
  });
  it("steps without the drift of decimals, and stops at its bounds", async () => {
    const { value, input } = make({ step: 0.1, max: 0.3, min: 0 });
    await input.setValue("0.2");
    await input.trigger("keydown", { key: "ArrowUp" });
    expect(value.value).toBe(0.3);
    await input.trigger("keydown", { key: "ArrowUp" });
    expect(value.value).toBe(0.3);
    await input.trigger("keydown", { key: "ArrowDown", shiftKey: true });
    expect(value.value).toBe(0);
  });
  it("wants whole numbers when told so, and nothing is no number", async () => {
    const { value, input } = make({ integer: true });
    await input.setValue("2.5");
    expect(input.attributes("aria-invalid")).toBe("true");
    await input.setValue("");
    expect(value.value).toBeNull();
  });
});

describe("Field", () => {
  it("ties label, hint and error to the control inside", async () => {
    const field = mounted(Field, {
      props: { label: "Name", hint: "short", error: "taken", required: true },
      slots: { default: () => h(Input, { modelValue: "x" }) },
    });
    await nextTick();
    const input = field.find("input");
    expect(field.find("label").attributes("for")).toBe(input.attributes("id"));
    const described = (input.attributes("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent?.trim());
    expect(described).toEqual(["short", "taken"]);
    expect(input.attributes()).toMatchObject({ "aria-invalid": "true", "aria-required": "true" });
  });
  it("names a group, too", () => {
    const field = mounted(Field, {
      props: { label: "Axis" },
      slots: { default: () => h(Segmented, { modelValue: "a", options: [{ value: "a", label: "A" }] }) },
    });
    const group = field.find("[role=radiogroup]");
    expect(document.getElementById(group.attributes("aria-labelledby") ?? "")?.textContent).toContain("Axis");
  });
});

it.each([
  ["cat.PNG", "image/png", "image/*", true],
  ["cat.zip", "", ".zip,image/*", true],
  ["cat.txt", "text/plain", ".zip,image/*", false],
  ["cat.txt", "text/plain", undefined, true],
])("accepts %s (%s) by %s: %s", (name, type, rule, wanted) => {
  expect(accepts(new File([], name, { type }), rule)).toBe(wanted);
});
