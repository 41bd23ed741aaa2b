import { Activity } from "@lucide/vue";
import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/monitoring",
      name: "monitoring",
      component: () => import("./index.vue"),
      meta: { title: "shell.nav.monitoring", areas: ["alerts", "failures"] },
    },
  ],
  navigation: [
    { to: "monitoring", label: "shell.nav.monitoring", icon: Activity, order: 70, group: "system", keys: "g o" },
  ],
});
