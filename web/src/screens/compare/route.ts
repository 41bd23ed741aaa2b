import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/compare",
      name: "compare",
      component: () => import("./index.vue"),
      meta: { title: "shell.nav.compare" },
    },
  ],
});
