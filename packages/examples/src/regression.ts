// # How sure is a forecast? Regression with intervals
//
// How warm will it be tomorrow, and between which temperatures will tomorrow's lie in nine of ten cases? A network that predicts
// quantiles answers both. It is trained by the pinball loss, which is least where the wanted share $\tau$ of targets $y$ lies
// below the prediction $q$ (Koenker & Bassett, 1978):
//
// $$\ell_\tau(q, y) = \max\bigl(\tau\,(y - q),\ (\tau - 1)\,(y - q)\bigr)$$
//
// Do the intervals hold what they promise on days that the network has not seen? If not, what repairs them? The data are 1,461
// days of Seattle's weather. Ten networks, each with a division of the days of its own, are trained side by side by `vmap`.

import {
  bind,
  compile,
  permutation,
  randomInteger,
  stack,
  type Tensor,
  tensor,
  variable,
  vmap,
} from "@adjoint/autograd";
import { adam, keys, mlp, parameters, pinball, relu, standardScaling } from "@adjoint/nn";
import { chart, fast, finding, progress, seed, show, table } from "@adjoint/notebook";
import { deviation, mean } from "./data/statistics.ts";
import { loadWeather } from "./data/weather.ts";

const key = keys(seed(1));
const members = fast ? 3 : 10;

// %% The data
// From a day's weather and the time of the year to the next day's highest temperature. Of the 1,460 pairs each network is trained
// on 600; 400 others are there to calibrate, and 460 to judge.

const days = loadWeather();
const pairs = days.slice(0, -1).map((day, i) => {
  const angle = (2 * Math.PI * day.ofYear) / 365.25;
  const inputs = [
    day.high,
    day.low,
    day.wind,
    Math.log1p(day.precipitation),
    Math.cos(angle),
    Math.sin(angle),
  ];
  return { inputs, target: days[i + 1]!.high };
});
const allInputs = tensor(pairs.map(({ inputs }) => inputs));
const targets = tensor(pairs.map(({ target }) => target));
const orders = Array.from({ length: members }, () => permutation(key(), pairs.length));

const scalings = orders.map((order) => standardScaling(allInputs.gather(order.slice([0, 600]))));

/** A part of the days for each network: x [members, days, 6], scaled, and y [members, days], in °C. */
function part(from: number, to: number): { x: Tensor; y: Tensor } {
  const places = orders.map((order) => order.slice([from, to]));
  return {
    x: stack(places.map((each, i) => scalings[i]!.forward(allInputs.gather(each)))),
    y: stack(places.map((each) => targets.gather(each))),
  };
}
const [training, calibration, heldOut] = [part(0, 600), part(600, 1000), part(1000, 1460)];

// %% The networks
// Six numbers in, five quantiles out. All networks have one form, so their weights are stacked, and `vmap` makes of one
// network's loss the losses of all.

const levels = [0.05, 0.1, 0.5, 0.9, 0.95];
const networks = Array.from({ length: members }, () =>
  mlp([6, 64, 64, levels.length], { activation: relu, outputActivation: (x: Tensor) => x, key: key() }),
);
const [form] = networks.map((network) => parameters(network));
const weights = Object.fromEntries(
  Object.keys(form!).map((path) => [
    path,
    variable(stack(networks.map((network) => parameters(network)[path]!.value))),
  ]),
);

/** Quantiles [days, 5] in °C by one network's weights. */
const quantilesOf = (own: Readonly<Record<string, Tensor>>, x: Tensor): Tensor =>
  bind(form!, own, () => networks[0]!.forward(x).mul(5).add(15));
const lossOf = (own: Readonly<Record<string, Tensor>>, x: Tensor, y: Tensor): Tensor =>
  pinball(quantilesOf(own, x), y.reshape([-1, 1]).broadcastTo([y.size, levels.length]), {
    level: tensor(levels),
  });

// %% Training
// For longer than is good, to see what becomes of the intervals: how often a target lies in its 90% interval is counted on the
// days trained on, and on those held out.

const steps = fast ? 120 : 1000;
const batch = 100;
const optimizer = adam({ learningRate: 0.002 });
const step = compile((x: Tensor, y: Tensor) =>
  optimizer.minimize(() => vmap(lossOf)(weights, x, y).sum(), weights),
);
type Weights = Readonly<Record<string, Tensor>>;
const lossesOf = compile((own: Weights, x: Tensor, y: Tensor) => vmap(lossOf)(own, x, y).mean());
const quantiles = compile((own: Weights, x: Tensor): Tensor => vmap(quantilesOf)(own, x));
const snapshot = (): Weights =>
  Object.fromEntries(Object.entries(weights).map(([path, each]) => [path, each.value]));

/** Two of the levels, and the share of the targets that is meant to lie between them. */
type Interval = readonly [low: number, high: number];
const ninety: Interval = [0, 4];
const eighty: Interval = [1, 3];

/** For each network the share, in %, of targets [members, days] between two quantiles. */
const coverage = (q: Tensor, y: Tensor, [low, high]: Interval): number[] => {
  const isInside = y.greaterEqual(q.slice(null, null, low)).and(y.lessEqual(q.slice(null, null, high)));
  return [...isInside.cast("float32").mean({ axis: 1 }).mul(100).data];
};

const course = { steps: [] as number[], training: [] as number[], heldOut: [] as number[] };
let best = { step: 0, loss: Infinity, weights: snapshot() };
const every = steps / (fast ? 3 : 40);
const work = progress("steps", steps);
for (let i = 1; i <= steps; i++) {
  const places = randomInteger(key(), [batch], { low: 0, high: 600 });
  step(training.x.gather(places, { axis: 1 }), training.y.gather(places, { axis: 1 }));
  if (i % every !== 0) continue;
  const now = snapshot();
  course.steps.push(i);
  course.training.push(mean(coverage(quantiles(now, training.x), training.y, ninety)));
  course.heldOut.push(mean(coverage(quantiles(now, heldOut.x), heldOut.y, ninety)));
  const loss = lossesOf(now, calibration.x, calibration.y).item();
  if (loss < best.loss) best = { step: i, loss, weights: now };
  work.update(i);
}
work.end();
show(
  chart(
    [
      { mark: "line", name: "days trained on", x: course.steps, y: course.training },
      { mark: "line", name: "days held out", x: course.steps, y: course.heldOut },
      { mark: "rule", name: "promised", at: 90, across: "y" },
      { mark: "rule", name: "least loss on other days", at: best.step, across: "x" },
    ],
    {
      title: "What the 90% interval covers",
      x: "steps of training",
      y: { label: "targets in the interval", unit: "%" },
    },
  ),
);

// %% Calibration
// On days that were not trained on, each target lies inside its interval, or outside by so much. Widening all intervals by the
// amount that suffices for nine tenths of these days makes them hold for others (Romano, Patterson & Candès, 2019). It works
// for any network, however badly it is trained; but for one that is badly trained the intervals become wide.

/** Quantiles with both intervals widened, or narrowed, by what calibration days ask for, network by network. */
function calibrated(q: Tensor, own: Tensor): Tensor {
  const widened = [eighty, ninety].map(([low, high], i) => {
    const share = [0.8, 0.9][i]!;
    const outside = own
      .slice(null, null, low)
      .sub(calibration.y)
      .maximum(calibration.y.sub(own.slice(null, null, high)));
    const rank = Math.ceil((calibration.y.shape[1]! + 1) * share) - 1;
    return outside.sort({ axis: 1 }).slice(null, [rank, rank + 1]);
  });
  const [by80, by90] = widened as [Tensor, Tensor];
  const column = (i: number) => q.slice(null, null, i);
  return stack(
    [column(0).sub(by90), column(1).sub(by80), column(2), column(3).add(by80), column(4).add(by90)],
    {
      axis: 2,
    },
  );
}

/** The highest temperatures of today, [members, days]. */
const today = (from: number, to: number) =>
  stack(orders.map((order) => allInputs.gather(order.slice([from, to])).slice(null, 0)));

/** Quantiles by one rule: tomorrow is as warm as today, give or take what it was on the days trained on. */
function likeToday(): Tensor {
  const changes = training.y.sub(today(0, 600)).sort({ axis: 1 });
  const ends = levels.map((level) => {
    const place = Math.floor(level * 600);
    return today(1000, 1460).add(changes.slice(null, [place, place + 1]));
  });
  return stack(ends, { axis: 2 });
}

const last = snapshot();
const raw = (own: Weights) => quantiles(own, heldOut.x);
const repaired = (own: Weights) => calibrated(raw(own), quantiles(own, calibration.x));
const forecasts: Readonly<Record<string, Tensor>> = {
  "as warm as today": likeToday(),
  "ended in time": raw(best.weights),
  "ended in time, calibrated": repaired(best.weights),
  "trained to the end": raw(last),
  "trained to the end, calibrated": repaired(last),
};
const names = Object.keys(forecasts);
const covered = (name: string, interval: Interval) => coverage(forecasts[name]!, heldOut.y, interval);
const width = (name: string) => {
  const q = forecasts[name]!;
  return [
    ...q
      .slice(null, null, 4)
      .sub(q.slice(null, null, 0))
      .mean({ axis: 1 }).data,
  ];
};
const spread = (numbers: readonly number[]) =>
  `${mean(numbers).toFixed(1)} ± ${deviation(numbers).toFixed(1)}`;
show(
  table(
    names.map((name) => ({
      forecast: name,
      "in the 80% interval, %": spread(covered(name, eighty)),
      "in the 90% interval, %": spread(covered(name, ninety)),
      "width of the latter, °C": spread(width(name)),
    })),
    {
      title: "Held-out days",
      note: `± one standard deviation over ${members} networks and their divisions of the days. "In time" was after ${best.step} steps.`,
    },
  ),
);
show(
  chart(
    [
      {
        mark: "bars",
        name: `mean of ${members} networks, ± standard deviation`,
        labels: names,
        values: names.map((name) => mean(covered(name, ninety))),
        spread: names.map((name) => deviation(covered(name, ninety))),
      },
    ],
    { title: "What 90% intervals cover", x: "forecast", y: { label: "held-out days", unit: "%" } },
  ),
);

// %% A summer
// What the first network says for the days of June to August 2015, calibrated, and what the temperatures were on those of the
// days that it was neither trained nor calibrated on.

const from = days.findIndex(({ date }) => date === "2015-06-01") - 1;
const summer = Array.from({ length: 92 }, (_, i) => from + i);
const x = stack(
  orders.map((_, i) => scalings[i]!.forward(allInputs.gather(tensor(summer, { dtype: "int32" })))),
);
const forecast = calibrated(quantiles(best.weights, x), quantiles(best.weights, calibration.x)).slice(0);
const isHeldOut = new Set(orders[0]!.slice([1000, 1460]).data);
const unseen = summer.flatMap((place, i) =>
  isHeldOut.has(place) ? [{ day: i, high: pairs[place]!.target }] : [],
);
const day = summer.map((_, i) => i);
const level = (i: number) => forecast.slice(null, i);
show(
  chart(
    [
      { mark: "band", name: "90% interval", x: day, low: level(0), high: level(4) },
      { mark: "band", name: "80% interval", x: day, low: level(1), high: level(3) },
      { mark: "line", name: "median", x: day, y: level(2) },
      {
        mark: "dots",
        name: "what it was",
        x: unseen.map(({ day }) => day),
        y: unseen.map(({ high }) => high),
      },
    ],
    {
      title: "Seattle, summer of 2015",
      x: { label: "days since 1 June", unit: "d" },
      y: { label: "highest temperature", unit: "°C" },
    },
  ),
);

// %% What was found
// A network that is trained on and on keeps its promise on the days that it was trained on, where nine of ten targets lie in
// its intervals from first to last. On days it has not seen its intervals become too narrow: surer than it should be, it is wrong more
// often. Calibration mends that, for good and for bad networks; only training that ends in time keeps the intervals narrow as well.
//
// What is promised and held is nine of ten days on average, not of warm or cold ones. Days were divided at random: a year
// warmer than those before could be covered less. The moment to end was chosen on the days that also calibrate, which favours the
// shorter training by a little.

const in90 = (name: string) => mean(covered(name, ninety));
const wide = (name: string) => mean(width(name));
const [end, time] = ["trained to the end", "ended in time"];
const repair = (name: string) => `${name}, calibrated`;
finding(`${end}, on days trained on`, course.training.at(-1)!, { expected: 90, spread: 1.5, unit: "%" });
finding(`${end}, on days held out`, in90(end), { expected: 76, spread: 4, unit: "%" });
finding(repair(end), in90(repair(end)), { expected: 90, spread: 1.5, unit: "%" });
finding(time, in90(time), { expected: 86, spread: 2.5, unit: "%" });
finding(repair(time), in90(repair(time)), { expected: 90, spread: 1.5, unit: "%" });
const unit = "°C";
finding(`width: ${time} and calibrated`, wide(repair(time)), { expected: 8.7, spread: 0.4, unit });
finding(`width: ${end} and calibrated`, wide(repair(end)), { expected: 9.05, spread: 0.4, unit });
finding("wider for having been trained to the end", wide(repair(end)) - wide(repair(time)), {
  expected: 0.37,
  spread: 0.25,
  unit,
});
finding("width: as warm as today", wide("as warm as today"), { expected: 9.4, spread: 0.3, unit });
