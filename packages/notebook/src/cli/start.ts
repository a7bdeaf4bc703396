// What the command's file starts.

import { main } from "./main.ts";

process.exitCode = await main(process.argv.slice(2));
