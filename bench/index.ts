// All measurements, one after another. Ratios are to what runs beside them in the same process.

import "./scalar.ts";
