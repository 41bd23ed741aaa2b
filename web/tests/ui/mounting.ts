import { mount, type ComponentMountingOptions } from "@vue/test-utils";
import type { Component } from "vue";
import { createI18n } from "vue-i18n";
import { createMemoryHistory, createRouter } from "vue-router";
import enCharts from "@/i18n/en/charts.json";
import enUi from "@/i18n/en/ui.json";
import koCharts from "@/i18n/ko/charts.json";
import koUi from "@/i18n/ko/ui.json";

/** Mounts a component with the words and routes it needs, attached so that focus works. */
export function mounted<Part extends Component>(
  part: Part,
  options: ComponentMountingOptions<Part> = {},
  locale: "en" | "ko" = "en",
) {
  const messages = { en: { ui: enUi, charts: enCharts }, ko: { ui: koUi, charts: koCharts } };
  const i18n = createI18n({ legacy: false, locale, messages });
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: "/:rest(.*)*", name: "any", component: { template: "<i />" } }],
  });
  return mount(part, {
    attachTo: document.body,
    ...options,
    global: { plugins: [i18n, router], ...options.global },
  } as ComponentMountingOptions<Part>);
}
