import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/share/:token",
      name: "share",
      component: () => import("./index.vue"),
      meta: { title: "share.title", public: true, bare: true, areas: ["run"] },
    },
  ],
});
