import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "@/App.vue";
import { followTheme } from "@/app/theme";
import { guardTab } from "@/app/unsaved";
import { applyLanguage, i18n } from "@/i18n";
import { router } from "@/router";
import "@/styles/base.css";

// a page that was open while the app was replaced asks for parts that are gone
addEventListener("vite:preloadError", (event) => {
  event.preventDefault();
  location.reload();
});

followTheme();
guardTab();
// the router begins at once to load the first page, beside the language
const app = createApp(App).use(createPinia()).use(i18n).use(router);
void applyLanguage().then(() => app.mount("#app"));
