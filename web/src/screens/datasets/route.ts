import { Database } from "@lucide/vue";
import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/datasets/:id?",
      name: "datasets",
      component: () => import("./index.vue"),
      props: true,
      meta: { title: "shell.nav.datasets" },
    },
  ],
  navigation: [
    { to: "datasets", label: "shell.nav.datasets", icon: Database, order: 40, group: "library", keys: "g d" },
  ],
});
