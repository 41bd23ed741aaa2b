import { Server } from "@lucide/vue";
import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/targets",
      name: "targets",
      component: () => import("./index.vue"),
      meta: { title: "shell.nav.targets" },
    },
  ],
  navigation: [
    { to: "targets", label: "shell.nav.targets", icon: Server, order: 80, group: "system" },
  ],
});
