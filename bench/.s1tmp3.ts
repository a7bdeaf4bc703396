import { compile, scalar, type Scalar } from "../packages/autograd/src/index.ts";
import { scalarLoss, scalarNet } from "./scalar-net.ts";
import { ScalarRecording } from "../packages/autograd/src/compile/scalar/record.ts";
import { whereIs } from "../packages/autograd/src/scalar/scalar.ts";
import { piecesOf } from "../packages/autograd/src/compile/scalar/pieces.ts";
import { ScalarProgram } from "../packages/autograd/src/compile/scalar/program.ts";
const numbers = { leaf: scalar, add: (a: Scalar,b: Scalar)=>a.add(b), mul:(a: Scalar,b: Scalar)=>a.mul(b), affine:(a: Scalar,f:number,s:number)=> s===0?a.mul(f):a.mul(f).add(s), relu:(a:Scalar)=>a.relu()};
const net = scalarNet<Scalar>(numbers);
const lossOf = scalarLoss<Scalar>(numbers, 100);
const r = new ScalarRecording();
const l = r.record(()=>lossOf(net.parameters));
const tape = r.tapeOf([], [whereIs(l)]);
const pieces = piecesOf(tape);
for (const p of pieces) if (p.kind==="loop") { const k = p.frame.back!(0), f=p.frame.forth(0); const cnt:any={}; for (const n of k.nodes) { const key=n.op==="atom"?n.atom.name:n.op; cnt[key]=(cnt[key]??0)+1;} console.log(f.nodes.length, k.nodes.length, k.outputs.length, JSON.stringify(cnt)); }
const p = new ScalarProgram(tape, "simd");
const v = Float64Array.from(tape.taken, (o: any)=>o.value);
const best = (n:number, f:()=>void) => { let b=Infinity; for (let i=0;i<n;i++){ const t=performance.now(); for(let k=0;k<20;k++) f(); b=Math.min(b,(performance.now()-t)/20*1000);} return b.toFixed(1)+" us"; };
const run=()=>p.run(v.slice()); const pull=()=>p.pull(v,(a)=>{a[tape.results[0]!]=1}); run(); pull();
for (let k=0;k<200;k++) {run(); pull();}
await new Promise(r=>setTimeout(r,1500));
console.log("run", best(100,run)); p.run(v); console.log("pull", best(100,pull));
const step = compile(() => { const loss = lossOf(net.parameters); loss.backward(); return loss; });
const whole = () => { const l = step(); for (const p of net.parameters) p.assign(p.value - 1e-9*p.grad); return l.value; };
for (let k=0;k<300;k++) whole();
await new Promise(r=>setTimeout(r,1500));
console.log("whole", best(100,whole));
const eager = () => { const l = lossOf(net.parameters); l.backward(); for (const p of net.parameters) p.assign(p.value - 1e-9*p.grad); return l.value; };
console.log("eager", best(5,eager));
