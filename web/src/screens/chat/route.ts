import { MessageSquare } from "@lucide/vue";
import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/chat/:session?",
      name: "chat",
      component: () => import("./index.vue"),
      props: true,
      meta: { title: "shell.nav.chat", areas: ["failures", "faults"] },
    },
  ],
  navigation: [
    { to: "chat", label: "shell.nav.chat", icon: MessageSquare, order: 10, group: "work", keys: "g c" },
  ],
});
