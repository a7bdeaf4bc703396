import type { Theme } from "vitepress";
// Without the fonts that it would load: readers have fonts.
import DefaultTheme from "vitepress/theme-without-fonts";
import { defineAsyncComponent, h } from "vue";
import NotFound from "./NotFound.vue";
import "./style.css";

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { "not-found": () => h(NotFound) }),
  enhanceApp({ app }) {
    // The engine is loaded by the page that shows it.
    app.component(
      "LiveGradient",
      defineAsyncComponent(() => import("./LiveGradient.vue")),
    );
  },
} satisfies Theme;
