import * as nn from "@adjoint/nn";
import { record, zeros, randomKey, uniform, type Tensor } from "@adjoint/autograd";
const show = (l: any, s: number[]) => console.log(String(record((x: Tensor) => l.forward(x), zeros(s))) + "\n");
show(nn.conv2d(2, 3, 3, { padding: 1, stride: 2, key: randomKey(1) }), [5, 2, 8, 8]);
show(nn.conv2d(4, 6, 2, { groups: 2, padding: [[1,0],[0,2]] , key: randomKey(1) }), [5, 4, 8, 8]);
show(nn.conv1d(4, 6, 1, { key: randomKey(1) }), [5, 4, 8]);
show(nn.maxPool2d(3, { stride: 2, padding: 1 }), [5, 4, 8, 8]);
show(nn.averagePool2d(2, { padding: 1 }), [5, 4, 8, 8]);
show(nn.convTranspose2d(2, 3, 3, {stride: 2, padding: 1, key: randomKey(1) }), [5, 2, 4, 4]);
show(nn.adaptiveAveragePool2d(1), [5, 2, 4, 4]);

console.log(String(record((x: Tensor) => nn.embedding(5, 3, {key: randomKey(1)}).forward(x), zeros([4], {dtype: "int32"})))); console.log(String(record((x: Tensor) => nn.lstm(5, 3, {key: randomKey(1)}).forward(x), zeros([4, 6, 5]))))
