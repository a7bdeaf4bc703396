"""Trains a recorded step of Adjoint on XLA: adjoint_xla.py train program.mlir --data batches.npz --steps 100 --out weights.safetensors"""
import argparse, json, os, re, sys
from pathlib import Path

WRITTEN_FOR = re.search(r"^jax==(.*)$", Path(__file__).with_name("requirements.txt").read_text(), re.M)[1]
REMEDY = "`npx adjoint-xla setup` makes an environment with the versions that it was written for"
try:  # Programs are handed to XLA by calls that JAX may change in any version: all that the runner uses are named here.
    import jax, jaxlib, numpy as np
    from safetensors.numpy import load_file, safe_open, save_file
    from jax.sharding import Mesh, NamedSharding, PartitionSpec
    from jax._src.interpreters.mlir import make_ir_context
    from jax._src.lib import _jax, xla_client
    from jax.extend.backend import get_backend, get_compile_options
    from jax.extend.mlir import deserialize_portable_artifact, serialize_portable_artifact
    from jaxlib.mlir.dialects.stablehlo import get_current_version
    _ = jax.make_array_from_single_device_arrays, xla_client.DeviceList, _jax.Client.compile_and_load
    _ = _jax.LoadedExecutable.execute_sharded, _jax.ExecuteResults.disassemble_into_single_device_arrays
except (ImportError, AttributeError) as error:
    if isinstance(error, ModuleNotFoundError) and error.name in ("jax", "jaxlib", "numpy", "safetensors"):
        sys.exit(f"adjoint-xla: {sys.executable} has no {error.name}; {REMEDY}")
    sys.exit(f"adjoint-xla: written for jax {WRITTEN_FOR}; in jax {jax.__version__}: {error}; {REMEDY}")

def write(path, tensors, metadata):
    """A file gets its name when all of it lies on the disk: whenever the process ends, the old one or the new one is there."""
    save_file(tensors, part := f"{path}.part", metadata)
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, path)

def text_of(path):
    if not (content := path.read_bytes()).startswith(b"ML\xefR"):
        return content.decode()
    with make_ir_context():
        return str(deserialize_portable_artifact(content))

def batches_of(path, inputs):
    """A function from a step to its batch, in the order of the inputs. An array without an axis for steps is in every batch."""
    data = dict(np.load(path)) if path.suffix == ".npz" else load_file(path)
    found = [(data.get(name, np.zeros(0)), dtype, shape) for name, dtype, shape in ((x["name"], x["dtype"], x["shape"]) for x in inputs)]
    fits = [str(a.dtype) == dtype and list(a.shape[max(0, a.ndim - len(shape)) :]) == shape and a.ndim - len(shape) in (0, 1)
            for a, dtype, shape in found]
    counts = {len(a) for a, _, shape in found if a.ndim > len(shape)}
    if not all(fits) or len(counts) > 1 or 0 in counts:
        had = ", ".join(f"{name} {a.dtype} {list(a.shape)}" for name, a in data.items())
        wanted = ", ".join(f"{x['name']} {x['dtype']} {x['shape']}" for x in inputs)
        sys.exit(f"adjoint-xla: {path} has {had}; the step takes {wanted}: give these, or as many of each along a first axis")
    return lambda step: [a[step % len(a)] if a.ndim > len(shape) else a for a, _, shape in found]

def train(args):
    about = json.loads(args.program.with_suffix(".json").read_text())
    if about["form"] != 1:
        sys.exit(f"adjoint-xla: the program has form {about['form']}; take the runner of the @adjoint/interop that wrote it")
    inputs, variables, outputs = about["inputs"], about["variables"], about["outputs"]
    sizes = [axis["size"] for axis in about["mesh"]]
    count = int(np.prod(sizes, dtype=int))
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_num_cpu_devices", args.devices or count)
    client = get_backend(args.platform)
    devices = client.local_devices()[:count]
    if len(devices) < count:
        sys.exit(f"adjoint-xla: the program is split over {count} devices, and there are {len(devices)}; write it for another mesh")
    options = get_compile_options(1, count, np.array([[device.id for device in devices]]))
    program = client.compile_and_load(text_of(args.program), xla_client.DeviceList(tuple(devices)), options)
    if args.hlo:
        args.hlo.write_text(program.hlo_modules()[0].to_string())
    mesh = Mesh(np.array(devices).reshape(sizes or [1]), [axis["name"] for axis in about["mesh"]] or ["device"])
    split = lambda each: NamedSharding(mesh, PartitionSpec(*(tuple(axes) or None for axes in each["sharding"])))
    resumes = args.resume and args.checkpoint.exists()
    with safe_open(args.checkpoint if resumes else args.weights or args.program.with_name("weights.safetensors"), "numpy") as file:
        held, metadata = {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}
    done = int(metadata.pop("adjoint.steps", 0)) if resumes else 0
    batch_of = batches_of(args.data, inputs)
    put = lambda each, array: jax.device_put(array, split(each))
    state = [put(each, held[each["name"]]) for each in variables]
    now = lambda: held | {each["name"]: np.asarray(array) for each, array in zip(variables, state)}
    kinds = outputs + [each for each in variables if each["result"] is not None]
    for step in range(done, args.steps):
        parts = program.execute_sharded([*map(put, inputs, batch_of(step)), *state]).disassemble_into_single_device_arrays()
        made = [jax.make_array_from_single_device_arrays(tuple(each["shape"]), split(each), part) for each, part in zip(kinds, parts)]
        state = [array if each["result"] is None else made[each["result"]] for each, array in zip(variables, state)]
        print(f"step {step + 1}", *(f"{each['name']} {np.asarray(x)}" for each, x in zip(outputs, made) if not each["shape"]), flush=True)
        if args.checkpoint and (step + 1) % args.every == 0:
            write(args.checkpoint, now(), metadata | {"adjoint.steps": str(step + 1)})
    if args.out:
        write(args.out, now(), metadata)

def export(args):
    args.to.write_bytes(serialize_portable_artifact(args.program.read_text(), get_current_version()))

OPTIONS = {
    train: {"program": (Path, "program.mlir, or what export made of it; program.json lies beside it"),
            "--data": (Path, "npz or safetensors: an array for each input, [batches, ...], or one batch"),
            "--steps": (int, "how many, those before a resumed checkpoint included"),
            "--weights": (Path, "first weights; weights.safetensors beside the program by default"), "--out": (Path, "for the last weights"),
            "--checkpoint": (Path, "a file for weights on the way"), "--every": (int, "steps between checkpoints; 100 by default"),
            "--devices": (int, "how many devices the processor is; as many as the mesh has by default"),
            "--platform": (str, "cpu, cuda or tpu; what JAX prefers by default"), "--hlo": (Path, "for the compiled program's text")},
    export: {"program": (Path, "program.mlir"), "to": (Path, "for a portable artifact, which later versions of XLA read")},
}
parser = argparse.ArgumentParser(prog="adjoint-xla", description=__doc__)
commands = parser.add_subparsers(required=True)
for run, options in OPTIONS.items():
    (command := commands.add_parser(run.__name__)).set_defaults(run=run, every=100, resume=False)
    for name, (kind, text) in options.items():
        command.add_argument(name, type=kind, help=text, **({"required": True} if name in ("--data", "--steps") else {}))
    command.add_argument("--resume", action="store_true", help="go on from the checkpoint, where there is one") if run is train else None
args = parser.parse_args()
if args.resume and not args.checkpoint:
    parser.error("--resume goes on from a file: give --checkpoint")
args.run(args)
