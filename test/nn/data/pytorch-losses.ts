// Losses as PyTorch 2.15.0 (CPU, float64) gives them. A script of these lines made them; focal is torchvision 0.25's
// sigmoid_focal_loss written out, and pairs of tripletMargin have an eps of 0:
//
//   def add(name, f): out[name] = {r: f(r).tolist() for r in ("none", "mean", "sum")}
//   add("absoluteError", lambda r: F.l1_loss(a, b, reduction=r))
//   add("meanSquaredError", lambda r: F.mse_loss(a, b, reduction=r))
//   add("negLogLoss", lambda r: F.binary_cross_entropy(p, q, reduction=r))
//   add("negLogLossWithLogits", lambda r: F.binary_cross_entropy_with_logits(a, q, reduction=r))
//   add("huber …", lambda r: F.huber_loss(a, b, reduction=r, delta=delta))
//   "klDivergence": F.kl_div(rows.log(), rows2, reduction=…), with "none" summed over rows, "batchmean" and "sum"
//   add("crossEntropy …", lambda r: F.cross_entropy(a, labels, weight=…, label_smoothing=…, ignore_index=…, reduction=r))
//   add("crossEntropy of rows …", lambda r: F.cross_entropy(a, rows2, weight=…, label_smoothing=…, reduction=r))
//   "cosineDistance": 1 - F.cosine_similarity(a, b)
//   add("tripletMargin …", lambda r: F.triplet_margin_loss(a, b, c, margin=…, swap=…, eps=0, reduction=r))
//   s = sigmoid(a); ce = F.binary_cross_entropy_with_logits(a, q, reduction="none"); st = s*q + (1 - s)*(1 - q)
//   "focal …": (alpha*q + (1 - alpha)*(1 - q)) * ce * (1 - st)**gamma, with q = hard

export type Rows = readonly (readonly number[])[];

export const inputs = {
  a: [
    [0.5, -1.25, 2, 0.125],
    [-0.75, 3, 0.25, -2],
    [1.5, 0.0625, -0.5, 1],
  ],
  b: [
    [-0.5, 0.75, 1.25, -2],
    [0.125, 1.5, -1, -0.25],
    [2, -3, 0.625, 1.75],
  ],
  c: [
    [1, -0.75, 0.25, 0.5],
    [0.375, -2, 0.5, 1.25],
    [-1, 0.25, 1.5, -0.125],
  ],
  p: [
    [0.25, 0.53125, 0.125, 0.875],
    [0.75, 0.0625, 0.46875, 0.375],
    [0.625, 0.25, 0.9375, 0.4375],
  ],
  q: [
    [0.5, 0, 0.25, 1],
    [0.125, 0.75, 0.625, 0.25],
    [1, 0.375, 0, 0.875],
  ],
  hard: [
    [0, 0, 0, 1],
    [0, 1, 1, 0],
    [1, 0, 0, 1],
  ],
  rows: [
    [0.25, 0.125, 0.5, 0.125],
    [0.0625, 0.6875, 0.125, 0.125],
    [0.375, 0.25, 0.25, 0.125],
  ],
  rows2: [
    [0.5, 0, 0.25, 0.25],
    [0.125, 0.5, 0.25, 0.125],
    [0, 1, 0, 0],
  ],
  labels: [[2], [0], [3]],
} satisfies Record<string, Rows>;

export interface Figure {
  readonly of: readonly (keyof typeof inputs)[];
  readonly none: readonly number[] | Rows;
  readonly mean: number;
  readonly sum: number;
}

/** By the loss's name and options. */
export const figures: Readonly<Record<string, Figure>> = {
  absoluteError: {
    of: ["a", "b"],
    none: [
      [1, 2, 0.75, 2.125],
      [0.875, 1.5, 1.25, 1.75],
      [0.5, 3.0625, 1.125, 0.75],
    ],
    mean: 1.390625,
    sum: 16.6875,
  },
  meanSquaredError: {
    of: ["a", "b"],
    none: [
      [1, 4, 0.5625, 4.515625],
      [0.765625, 2.25, 1.5625, 3.0625],
      [0.25, 9.37890625, 1.265625, 0.5625],
    ],
    mean: 2.4313151041666665,
    sum: 29.17578125,
  },
  negLogLoss: {
    of: ["p", "q"],
    none: [
      [0.8369882167858358, 0.7576857016975165, 0.6200089298883509, 0.13353139262452263],
      [1.248967825036377, 2.0955761719642285, 0.7107495230897642, 0.5977100351872332],
      [0.4700036292457356, 0.6996616807023219, 2.772588722239781, 0.7952642696493546],
    ],
    mean: 0.9782280081759186,
    sum: 11.738736098111023,
  },
  negLogLossWithLogits: {
    of: ["a", "q"],
    none: [
      [0.7240769841801067, 0.25192908134537295, 1.6269280110429725, 0.6325990353171691],
      [0.4806210061148999, 0.798587351573742, 0.6696894198788436, 0.6269280110429727],
      [0.2014132779827524, 0.7014478823577756, 0.4740769841801067, 0.43826168751822286],
    ],
    mean: 0.635546561044578,
    sum: 7.626558732534936,
  },
  huber: {
    of: ["a", "b"],
    none: [
      [0.5, 1.5, 0.28125, 1.625],
      [0.3828125, 1, 0.75, 1.25],
      [0.125, 2.5625, 0.625, 0.28125],
    ],
    mean: 0.9069010416666666,
    sum: 10.8828125,
  },
  "huber { delta: 0.5 }": {
    of: ["a", "b"],
    none: [
      [0.375, 0.875, 0.25, 0.9375],
      [0.3125, 0.625, 0.5, 0.75],
      [0.125, 1.40625, 0.4375, 0.25],
    ],
    mean: 0.5703125,
    sum: 6.84375,
  },
  klDivergence: {
    of: ["rows", "rows2"],
    none: [0.3465735902799726, 0.10070332715071217, 1.3862943611198906],
    mean: 0.6111904261835251,
    sum: 1.8335712785505756,
  },
  crossEntropy: {
    of: ["a", "labels"],
    none: [0.3473127897970557, 3.8400084724320966, 1.1827870805954568],
    mean: 1.7900361142748695,
    sum: 5.370108342824609,
  },
  "crossEntropy of rows": {
    of: ["a", "rows2"],
    none: [1.5660627897970558, 1.8712584724320966, 2.120287080595457],
    mean: 1.8525361142748695,
    sum: 5.557608342824609,
  },
  "crossEntropy { ignoreLabel: 0 }": {
    of: ["a", "labels"],
    none: [0.3473127897970557, 0, 1.1827870805954568],
    mean: 0.7650499351962563,
    sum: 1.5300998703925126,
  },
  "crossEntropy { classWeights: [0.5, 2, 0, 1.25] }": {
    of: ["a", "labels"],
    none: [0, 1.9200042362160483, 1.478483850744321],
    mean: 1.9419931925487823,
    sum: 3.398488086960369,
  },
  "crossEntropy { classWeights: [0.5, 2, 0, 1.25], ignoreLabel: 0 }": {
    of: ["a", "labels"],
    none: [0, 0, 1.478483850744321],
    mean: 1.1827870805954568,
    sum: 1.478483850744321,
  },
  "crossEntropy { labelSmoothing: 0.125 }": {
    of: ["a", "labels"],
    none: [0.5543440397970557, 3.7306334724320966, 1.2433339555954568],
    mean: 1.8427704892748695,
    sum: 5.528311467824609,
  },
  "crossEntropy { labelSmoothing: 0.125, ignoreLabel: 0 }": {
    of: ["a", "labels"],
    none: [0.5543440397970557, 0, 1.2433339555954568],
    mean: 0.8988389976962563,
    sum: 1.7976779953925126,
  },
  "crossEntropy { labelSmoothing: 0.125, classWeights: [0.5, 2, 0, 1.25] }": {
    of: ["a", "labels"],
    none: [0.34050540505434246, 1.9444578245521786, 1.4830624804085608],
    mean: 2.153157548580047,
    sum: 3.7680257100150816,
  },
  "crossEntropy { labelSmoothing: 0.125, classWeights: [0.5, 2, 0, 1.25], ignoreLabel: 0 }": {
    of: ["a", "labels"],
    none: [0.34050540505434246, 0, 1.4830624804085608],
    mean: 1.4588543083703227,
    sum: 1.8235678854629032,
  },
  "crossEntropy of rows { labelSmoothing: 0.125, classWeights: [0.5, 2, 0, 1.25] }": {
    of: ["a", "rows2"],
    none: [1.3522687312825807, 1.2491115904176768, 3.89989150204933],
    mean: 2.167090607916529,
    sum: 6.501271823749587,
  },
  cosineDistance: {
    of: ["a", "b"],
    none: [0.825689152170225, 0.30853815621215885, 0.4402572300969363],
    mean: 0.5248281794931067,
    sum: 1.57448453847932,
  },
  tripletMargin: {
    of: ["a", "b", "c"],
    none: [2.2502557350074914, 0, 0.9861796349321206],
    mean: 1.0788117899798706,
    sum: 3.236435369939612,
  },
  "tripletMargin { margin: 2.5, swap: true }": {
    of: ["a", "b", "c"],
    none: [3.7502557350074914, 1.1638631817228164, 2.4861796349321206],
    mean: 2.466766183887476,
    sum: 7.400298551662429,
  },
  focal: {
    of: ["a", "hard"],
    none: [
      [0.28305870064455735, 0.009370883569680629, 1.2375586345660565, 0.034755726651740274],
      [0.029864402976805392, 2.7320831124249216e-5, 0.02760037281621379, 0.001352672126430284],
      [0.0016757117316439144, 0.1445406397404893, 0.05068011788812772, 0.005664514377116832],
    ],
    mean: 0.1521791414933322,
    sum: 1.8261496979199863,
  },
  "focal { gamma: 0.5, alpha: 0.75 }": {
    of: ["a", "hard"],
    none: [
      [0.19212716807555397, 0.029722035979777035, 0.49903468516484806, 0.32484729026993703],
      [0.054781988107580316, 0.00793582638704696, 0.285816700769752, 0.010955720247801125],
      [0.0645196736474371, 0.1301290300106324, 0.07282336628659937, 0.12184210526662467],
    ],
    mean: 0.14954463251779918,
    sum: 1.79453559021359,
  },
};
