import { chromium } from "playwright-core";
const [file, out, width, height, y, dark] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const p = await b.newPage({ viewport: { width: +width, height: 900 }, colorScheme: dark ? "dark" : "light" });
await p.goto("file://" + file);
await p.screenshot({ path: out, fullPage: true, clip: { x: 0, y: +(y ?? 0), width: +width, height: +height } });
await b.close();
