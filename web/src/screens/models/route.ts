import { Boxes } from "@lucide/vue";
import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      // a model's id holds slashes
      path: "/models/:id(.*)*",
      name: "models",
      component: () => import("./index.vue"),
      meta: { title: "shell.nav.models" },
    },
  ],
  navigation: [
    { to: "models", label: "shell.nav.models", icon: Boxes, order: 50, group: "library", keys: "g m" },
  ],
});
