"""Trains a recorded step of Adjoint on XLA: adjoint_xla.py train program.mlir --data batches.npz --steps 100 --out weights.safetensors"""
import argparse, json, os, re, sys
from pathlib import Path

WRITTEN_FOR = re.search(r"^jax==(.*)$", Path(__file__).with_name("requirements.txt").read_text(), re.M)[1]
try:  # Programs are handed to XLA by calls that JAX may change in any version: all that the runner uses are named here.
    import jax, jaxlib, numpy as np
    from safetensors.numpy import load_file, safe_open, save_file
    from jax.sharding import Mesh, NamedSharding, PartitionSpec
    from jax._src.interpreters.mlir import make_ir_context
    from jax._src.lib import _jax, xla_client
    from jax.extend.backend import get_backend, get_compile_options
    from jax.extend.mlir import deserialize_portable_artifact, serialize_portable_artifact
    from jaxlib.mlir.dialects.stablehlo import get_current_version
    _jax.Client.compile_and_load, _jax.LoadedExecutable.execute_sharded, _jax.ExecuteResults.disassemble_into_single_device_arrays
except (ImportError, AttributeError) as error:
    version = getattr(sys.modules.get("jax"), "__version__", "none")
    sys.exit(f"adjoint-xla: {error} ({sys.executable}, jax {version}); written for jax {WRITTEN_FOR}, which `npx adjoint-xla setup` installs")

def write(path, tensors, metadata):
    """A file gets its name when all of it lies on the disk: whenever the process ends, the old one or the new one is there."""
    save_file(tensors, part := f"{path}.part", metadata)
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, path)

def text_of(path):
    content = path.read_bytes()
    with make_ir_context():
        return str(deserialize_portable_artifact(content)) if content.startswith(b"ML\xefR") else content.decode()

def batches_of(path, inputs):
    """A function from a step to its batch, in the order of the inputs. An array without a first axis for steps is in every batch."""
    data = dict(np.load(path)) if path.suffix == ".npz" else load_file(path)
    found = [(data.get(each["name"], np.zeros(0)), each["dtype"], each["shape"]) for each in inputs]
    counts = {len(a) for a, _, shape in found if a.ndim > len(shape)}
    fits = all(a.dtype == dtype and shape in (list(a.shape), list(a.shape[1:])) for a, dtype, shape in found)
    if not fits or len(counts) > 1 or 0 in counts:
        had = ", ".join(f"{name} {a.dtype} {list(a.shape)}" for name, a in data.items())
        wanted = ", ".join(f"{each['name']} {each['dtype']} {each['shape']}" for each in inputs)
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
    args.hlo and args.hlo.write_text(program.hlo_modules()[0].to_string())
    mesh = Mesh(np.array(devices).reshape(sizes or [1]), [axis["name"] for axis in about["mesh"]] or ["device"])
    split = lambda each: NamedSharding(mesh, PartitionSpec(*(tuple(axes) or None for axes in each["sharding"])))
    resumes = args.resume and (args.checkpoint or parser.error("--resume goes on from a file: give --checkpoint")).exists()
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

parser = argparse.ArgumentParser(prog="adjoint-xla", description=__doc__)
commands = parser.add_subparsers(required=True)
(command := commands.add_parser("train")).set_defaults(run=train)
command.add_argument("program", type=Path, help="program.mlir, or what export made of it; program.json lies beside it")
command.add_argument("--data", type=Path, required=True, help="npz or safetensors: an array for each input, [batches, ...] or one batch")
command.add_argument("--steps", type=int, required=True, help="how many, those before a resumed checkpoint included")
command.add_argument("--weights", type=Path, help="first weights; weights.safetensors beside the program by default")
command.add_argument("--out", type=Path, help="for the last weights")
command.add_argument("--checkpoint", type=Path, help="a file for the weights on the way")
command.add_argument("--every", type=int, default=100, help="steps from one checkpoint to the next; 100 by default")
command.add_argument("--resume", action="store_true", help="go on from the checkpoint, where there is one")
command.add_argument("--devices", type=int, help="how many devices to make of the processor; as many as the mesh has by default")
command.add_argument("--platform", help="cpu, cuda or tpu; what JAX prefers by default")
command.add_argument("--hlo", type=Path, help="for the compiled program's text")
(command := commands.add_parser("export")).set_defaults(
    run=lambda args: args.to.write_bytes(serialize_portable_artifact(args.program.read_text(), get_current_version())))
command.add_argument("program", type=Path, help="program.mlir")
command.add_argument("to", type=Path, help="for a portable artifact, which later versions of XLA read")
args = parser.parse_args()
args.run(args)
