// The hinge of support vector machines.

import { byExpression, type Loss } from "./loss.ts";

/** max(0, 1 − y·ŷ) of each element, with targets of ±1. Derivative 0 at the hinge. Cortes & Vapnik (1995). */
export const hinge: Loss = byExpression("hinge", (p, t) => p.mul(t).neg().add(1).relu());
