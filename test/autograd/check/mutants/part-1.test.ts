import { findEveryMutantOf } from "./find.ts";

findEveryMutantOf(1);
