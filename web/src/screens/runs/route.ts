import { Rows3 } from "@lucide/vue";
import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/runs",
      name: "runs",
      component: () => import("./index.vue"),
      meta: { title: "shell.nav.runs" },
    },
  ],
  navigation: [
    { to: "runs", label: "shell.nav.runs", icon: Rows3, order: 20, group: "work", keys: "g r" },
  ],
});
