import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/sign-in",
      name: "sign-in",
      component: () => import("./index.vue"),
      meta: { title: "shell.signIn.title", public: true, bare: true },
    },
  ],
});
