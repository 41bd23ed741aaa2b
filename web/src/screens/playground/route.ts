import { FlaskConical } from "@lucide/vue";
import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/playground",
      name: "playground",
      component: () => import("./index.vue"),
      meta: { title: "shell.nav.playground" },
    },
  ],
  navigation: [
    { to: "playground", label: "shell.nav.playground", icon: FlaskConical, order: 30, group: "work", keys: "g p" },
  ],
});
