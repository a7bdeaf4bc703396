// The baseline for single numbers: one object, one closure and one set a node, as micrograd has it
// (github.com/karpathy/micrograd, engine.py), with the recursive sort made iterative so that deep graphs run.

export class Value {
  data: number;
  grad = 0;
  _backward: () => void = () => {};
  readonly _prev: Set<Value>;

  constructor(data: number, children: readonly Value[] = []) {
    this.data = data;
    this._prev = new Set(children);
  }

  add(given: Value | number): Value {
    const other = given instanceof Value ? given : new Value(given);
    const out = new Value(this.data + other.data, [this, other]);
    out._backward = () => {
      this.grad += out.grad;
      other.grad += out.grad;
    };
    return out;
  }

  mul(given: Value | number): Value {
    const other = given instanceof Value ? given : new Value(given);
    const out = new Value(this.data * other.data, [this, other]);
    out._backward = () => {
      this.grad += other.data * out.grad;
      other.grad += this.data * out.grad;
    };
    return out;
  }

  relu(): Value {
    const out = new Value(Math.max(0, this.data), [this]);
    out._backward = () => {
      this.grad += (out.data > 0 ? 1 : 0) * out.grad;
    };
    return out;
  }

  backward(): void {
    const order: Value[] = [];
    const visited = new Set<Value>();
    const path: { node: Value; children: Iterator<Value> }[] = [];
    const enter = (node: Value) => {
      visited.add(node);
      path.push({ node, children: node._prev.values() });
    };
    enter(this);
    while (path.length > 0) {
      const { node, children } = path[path.length - 1]!;
      const next = children.next();
      if (next.done) {
        order.push(node);
        path.pop();
      } else if (!visited.has(next.value)) enter(next.value);
    }
    this.grad = 1;
    for (let i = order.length - 1; i >= 0; i--) order[i]!._backward();
  }
}
