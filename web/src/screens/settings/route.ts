import { Settings } from "@lucide/vue";
import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/settings/:section?",
      name: "settings",
      component: () => import("./index.vue"),
      props: true,
      meta: { title: "shell.nav.settings" },
    },
  ],
  navigation: [
    { to: "settings", label: "shell.nav.settings", icon: Settings, order: 90, group: "system", keys: "g s" },
  ],
});
