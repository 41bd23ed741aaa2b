import { BookOpenCheck } from "@lucide/vue";
import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/recipes",
      name: "recipes",
      component: () => import("./index.vue"),
      meta: { title: "shell.nav.recipes", areas: ["faults"] },
    },
  ],
  navigation: [
    { to: "recipes", label: "shell.nav.recipes", icon: BookOpenCheck, order: 60, group: "library" },
  ],
});
