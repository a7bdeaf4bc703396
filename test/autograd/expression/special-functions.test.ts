// The inverse error function and the gamma functions against figures of mpmath, and their special values.

import { compile, grad, type Tensor, tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { polygamma } from "../../../packages/autograd/src/expression/atoms/gamma.ts";
import { digamma, erfInv, lgamma } from "../../../packages/autograd/src/expression/atoms/index.ts";
import { ulp } from "../../support/numerical.ts";

type Figure = readonly [x: number, value: number];

// mpmath 1.3.0 with 60 digits, rounded to float64: loggamma and, below 0, the formula of reflection; digamma; erfinv; psi(n, x).
const figures = {
  lgamma: [
    [1e-300, 690.7755278982137],
    [1e-8, 18.42068073818021],
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247001],
    [0.9, 0.06637623973474295],
    [0.9999999, 5.772157468444193e-8],
    [1.0000001, -5.772155829918507e-8],
    [1.2, -0.08537409000331583],
    [1.4616321449683622, -0.12148629053584961],
    [1.4616321, -0.12148629053584863],
    [1.5, -0.12078223763524522],
    [1.75, -0.08440112102048555],
    [1.9999999, -4.2278430309861296e-8],
    [2.0000001, 4.227843666532498e-8],
    [2.5, 0.2846828704729192],
    [2.999, 0.692224593717571],
    [3.001, 0.6940701623363964],
    [5.5, 3.9578139676187165],
    [7.99, 8.50501160608848],
    [8.01, 8.545324429747733],
    [12.25, 18.115669505710894],
    [50.5, 146.51925549072064],
    [170.6, 704.5180371279987],
    [100000.0, 1051287.7089736569],
    [1e17, 3.8143946580898775e18],
    [1e300, 6.897755278982137e302],
    [-1e-300, 690.7755278982137],
    [-1e-8, 18.42068074972452],
    [-0.1, 2.3689613327287886],
    [-0.4999, 1.2655158171559169],
    [-0.5, 1.2655121234846454],
    [-0.75, 1.5757045971498584],
    [-1.5, 0.860047015376481],
    [-2.25, 0.5555015450206475],
    [-3.3, -0.8243558050174264],
    [-7.5, -8.404537371451598],
    [-20.1, -40.318823427233035],
    [-100.5, -364.90096830942736],
    [-1000.25, -5912.363970042725],
  ],
  digamma: [
    [1e-300, -9.999999999999999e299],
    [1e-8, -100000000.57721564],
    [0.1, -10.423754940411076],
    [0.5, -1.9635100260214235],
    [0.9, -0.7549269499470513],
    [0.9999999, -0.5772158293949515],
    [1.0000001, -0.5772155004081381],
    [1.2, -0.2890398965921884],
    [1.4616321449683622, -9.241265521729427e-17],
    [1.4616321, -4.3514636958769774e-8],
    [1.5, 0.03648997397857652],
    [1.75, 0.24747245354686118],
    [1.9999999, 0.4227842706050584],
    [2.0000001, 0.4227843995918717],
    [2.5, 0.7031566406452432],
    [2.999, 0.9223893239548869],
    [3.001, 0.9231791921282297],
    [5.5, 1.6110931485817512],
    [7.99, 2.014309222046224],
    [8.01, 2.0169719639065193],
    [12.25, 2.464154655185369],
    [50.5, 3.912039670928392],
    [170.6, 5.136387939451594],
    [100000.0, 11.512920464961896],
    [1e17, 39.14394658089878],
    [1e300, 690.7755278982137],
    [-1e-300, 9.999999999999999e299],
    [-1e-8, 99999999.42278431],
    [-0.1, 9.245073050052948],
    [-0.75, -2.894120200042932],
    [-1.25, 3.714139120213528],
    [-2.4, 2.0903331670591916],
    [-7.2, 6.365952363045109],
    [-20.1, 12.694217212892514],
    [-100.25, 7.754238959208646],
  ],
  erfInv: [
    [5e-324, 5e-324],
    [1e-300, 8.86226925452758e-301],
    [1e-17, 8.86226925452758e-18],
    [1e-8, 8.86226925452758e-9],
    [0.1, 0.08885599049425769],
    [0.3, 0.2724627147267543],
    [0.5, 0.4769362762044699],
    [0.7, 0.7328690779592167],
    [0.84, 0.9935356283473041],
    [0.86, 1.0435418436397588],
    [0.95, 1.3859038243496777],
    [0.99, 1.8213863677184494],
    [0.999999, 3.458910737275499],
    [0.9999999990686774, 4.328028275800946],
    [0.9999999999999716, 5.377767781541279],
    [0.9999999999999999, 5.8635847487551676],
    [-0.25, -0.2253120550121781],
    [-0.9, -1.1630871536766743],
  ],
  polygamma1: [
    [0.001, 1000001.6425331958],
    [0.3, 12.245364546107732],
    [1.0, 1.6449340668482264],
    [1.7, 0.7932328301639984],
    [4.0, 0.2838229557371153],
    [9.5, 0.11099728846909904],
    [12.25, 0.0850551429881632],
    [33.0, 0.03076680402030209],
    [1000.5, 0.0009999999166666958],
    [-0.3, 13.945160267805722],
    [-0.7, 14.28618087263834],
    [-1.5, 9.379246644989124],
    [-2.1, 102.97574361008327],
    [-6.6, 10.770952431664117],
  ],
  polygamma2: [
    [0.001, -2000000002.3976321],
    [0.3, -75.27253658872604],
    [1.0, -2.4041138063191885],
    [1.7, -0.6040890841034591],
    [4.0, -0.0800397322451145],
    [9.5, -0.012307845807709338],
    [12.25, -0.007230035788993344],
    [33.0, -0.0009465216039640907],
    [1000.5, -9.999997500001458e-7],
    [-0.3, 67.63908119988317],
    [-0.7, -69.44163279863854],
    [-1.5, -0.2362040516417274],
    [-2.1, 1998.516791957636],
    [-6.6, -22.29603715463865],
  ],
  polygamma3: [
    [0.001, 6000000000006.469],
    [0.3, 743.1417646550498],
    [1.0, 6.493939402266829],
    [1.7, 0.8895620066243164],
    [4.0, 0.04486532819275507],
    [9.5, 0.0027267288350372493],
    [12.25, 0.0012284305869150693],
    [33.0, 5.82337088795388e-5],
    [1000.5, 1.999999000000875e-9],
    [-0.3, 766.6198904191685],
    [-0.7, 768.1313523268526],
    [-1.5, 194.59427621918763],
    [-2.1, 60014.1456082538],
    [-6.6, 283.5967665881574],
  ],
  polygamma5: [
    [0.001, 1.1999999999999998e20],
    [0.3, 164634.84609922304],
    [1.0, 122.0811674381339],
    [1.7, 5.3451838657811015],
    [4.0, 0.041558384635954376],
    [9.5, 0.0004002927721168353],
    [12.25, 0.00010619843261418306],
    [33.0, 6.61121024359418e-7],
    [1000.5, 2.3999970000049e-14],
  ],
  polygamma8: [
    [0.001, -4.0319999999999994e31],
    [0.3, -2048472046.8178866],
    [1.0, -40400.97839874763],
    [1.7, -345.643246295724],
    [4.0, -0.17993052632715784],
    [9.5, -0.00011290928874974375],
    [12.25, -1.3577016298360489e-5],
    [33.0, -4.0376822372283156e-9],
    [1000.5, -5.0399848800485096e-21],
  ],
} as const satisfies Readonly<Record<string, readonly Figure[]>>;

// Half a unit is the figures' own rounding. The rest was measured at some 10,000 points each with mpmath, beside which these
// figures are few: 2.3 for lgamma and digamma, 1.5 for erfInv, 3 for the polygammas to order 5, and 3.8 for order 8.
const most = {
  lgamma: 3,
  digamma: 3,
  erfInv: 2,
  polygamma1: 3,
  polygamma2: 3,
  polygamma3: 3.5,
  polygamma5: 4,
  polygamma8: 4.5,
};

type Name = keyof typeof most;

const functions: Readonly<Record<Name, (x: number) => number>> = {
  lgamma: lgamma.value,
  digamma: digamma.value,
  erfInv: erfInv.value,
  polygamma1: (x) => polygamma.value(x, 1),
  polygamma2: (x) => polygamma.value(x, 2),
  polygamma3: (x) => polygamma.value(x, 3),
  polygamma5: (x) => polygamma.value(x, 5),
  polygamma8: (x) => polygamma.value(x, 8),
};

/** The larger of the two terms, at least, of which a function is the difference below 0. */
function termOf(name: Name, x: number): number {
  if (x > 0 || name === "erfInv") return 0;
  return Math.abs(functions[name](1 - x)) + Math.abs(1 / x) + 2;
}

describe.each(Object.keys(most) as Name[])("%s", (name) => {
  test("is within its bound of mpmath's figures, in units of the result or, below 0, of its terms", () => {
    const list: readonly Figure[] = figures[name];
    for (const [x, value] of list) {
      const unit = ulp(Math.max(Math.abs(value), termOf(name, x)));
      expect(Math.abs(functions[name](x) - value) / unit, `at ${x}`).toBeLessThanOrEqual(most[name]);
    }
  });
});

const inf = Infinity;

test("the gamma functions have SciPy's values at poles and infinities", () => {
  for (const x of [0, -0, -1, -2, -1e17, inf, -inf]) expect(lgamma.value(x), `lgamma ${x}`).toBe(inf);
  expect([0, -0, -1, -7, inf, -inf].map((x) => digamma.value(x))).toEqual([-inf, inf, NaN, NaN, inf, NaN]);
  expect([0, -0, -1, -7, -inf].map((x) => polygamma.value(x, 1))).toEqual([inf, inf, inf, inf, NaN]);
  expect([0, -0, -1, -inf].map((x) => polygamma.value(x, 2))).toEqual([-inf, inf, NaN, NaN]);
  expect([polygamma.value(inf, 1), polygamma.value(inf, 2)]).toEqual([0, -0]);
  // 1/x², which is too small for a float, is only a part of it beside 1/x.
  expect(polygamma.value(1e200, 1)).toBe(1e-200);
  expect([1, 2].map((x) => lgamma.value(x) + 0)).toEqual([0, 0]);
});

test("a polygamma has orders that are whole numbers only, and that of order 0 is digamma", () => {
  for (const order of [-1, 0.5, NaN, inf]) expect(polygamma.value(2, order)).toBeNaN();
  expect(polygamma.value(2.5, 0)).toBe(digamma.value(2.5));
});

test("erfInv ends at ±1 with infinities, keeps the sign of zero, and has no value beyond", () => {
  expect([1, -1, 0, -0, 1.5, -1.5].map((x) => erfInv.value(x))).toEqual([inf, -inf, 0, -0, NaN, NaN]);
});

test("digamma and lgamma follow their recurrences, Γ(x + 1) = x·Γ(x), on either side of 0", () => {
  for (const x of [-7.25, -2.5, -0.75, -0.25, 0.25, 0.75, 1.5, 3.25, 9.5]) {
    // Both sides, and each of their terms, are rounded a few times.
    const room = (...terms: number[]) => 8 * ulp(Math.max(2, ...terms.map(Math.abs)));
    const [low, high] = [lgamma.value(x), lgamma.value(x + 1)];
    expect(Math.abs(high - low - Math.log(Math.abs(x))), `lgamma ${x}`).toBeLessThan(room(low, high));
    const [below, above] = [digamma.value(x), digamma.value(x + 1)];
    expect(Math.abs(above - below - 1 / x), `digamma ${x}`).toBeLessThan(room(below, above, 1 / x));
  }
});

describe.each(["float32", "float64"] as const)("of %s tensors", (dtype) => {
  const epsilon = dtype === "float32" ? 2 ** -23 : 2 ** -52;

  test("lgamma's derivatives of orders 1 to 4 are mpmath's digamma and polygammas, eagerly and compiled", () => {
    // psi(n, 0.25), psi(n, 2.5) and psi(n, −1.75) for n from 0 to 3, by mpmath 1.3.0.
    const exact = [
      [-4.2274535333762655, 0.7031566406452432, -2.322691628614361],
      [17.19732915450711, 0.49035775610023485, 19.301637544529786],
      [-129.32773993753693, -0.2362040516417274, -124.21382135423057],
      [1538.7821440091884, 0.22390584881725206, 1558.3848404165494],
    ];
    const x = tensor([0.25, 2.5, -1.75], { dtype }) as Tensor;
    let f = (y: Tensor): Tensor => y.lgamma();
    for (const row of exact) {
      const before = f;
      f = (y) => grad((z: Tensor) => before(z).sum())(y);
      for (const g of [f, compile(f)])
        row.forEach((value, i) => {
          // Rounded once in each of at most four steps, beside the value's own four units.
          const error = 8 * epsilon * Math.max(1, Math.abs(value));
          expect(Math.abs(g(x).data[i]! - value)).toBeLessThanOrEqual(error);
        });
    }
  });

  test("erfInv undoes erf", () => {
    const x = tensor([-1.5, -0.5, 0, 0.001, 1, 2], { dtype }) as Tensor;
    // Where erf is flat, its last digit says little of x: by the factor √π/2·eˣ², below 50.
    x.erf()
      .erfInv()
      .data.forEach((value: number, i: number) => {
        expect(Math.abs(value - x.data[i]!)).toBeLessThanOrEqual(50 * epsilon);
      });
  });
});
