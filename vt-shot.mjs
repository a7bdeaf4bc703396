import { chromium } from "playwright-core";
const [file, out, width = "1200", dark] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const p = await b.newPage({ viewport: { width: +width, height: 900 }, colorScheme: dark ? "dark" : "light" });
await p.goto("file://" + file); const [, , , , h = "1600", y = "0"] = process.argv.slice(1); await p.screenshot({ path: out, fullPage: true, clip: { x: 0, y: +y, width: +width, height: +h } }); await b.close();
