"""Shows values in Deno's Jupyter kernel, without a browser, and looks at what the kernel would display.

Needs jupyter_client (pip install jupyter_client) and the built packages (npm run build); Deno comes from the npm registry.
python3 scripts/deno-kernel.py
"""

import pathlib
import subprocess
import sys

try:
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import KernelManager
except ImportError:
    print("skipped: there is no jupyter_client (pip install jupyter_client)")
    sys.exit(0)

root = pathlib.Path(__file__).resolve().parent.parent
# The same version for everyone; the kernel's protocol is Deno's own.
npx = ["npx", "--yes", "deno@2"]
folder = root / "packages" / "examples"

values = {
    "a matrix": "show(tensor([[1, 2], [3, 4]]))",
    "an activation": "show(relu)",
    "a chart": 'show(chart([{ mark: "line", name: "y", x: [0, 1], y: [0, 1] }], { x: "x", y: "y" }))',
}
head = """
import { tensor } from "@adjoint/autograd";
import { relu } from "@adjoint/nn";
import { chart, show } from "@adjoint/notebook";
"""


class Deno(KernelManager):
    """Deno's kernel, which need not be installed for Jupyter."""

    @property
    def kernel_spec(self):
        argv = [*npx, "jupyter", "--kernel", "--conn", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Deno", language="typescript")


def displayed(client, code):
    """What a cell displays, by MIME type. Raises where it fails."""
    client.execute(code)
    found = {}
    while True:
        message = client.get_iopub_msg(timeout=120)
        kind, content = message["msg_type"], message["content"]
        if kind in ("execute_result", "display_data"):
            found.update(content["data"])
        elif kind == "error":
            raise RuntimeError("\n".join([content["ename"], content["evalue"], *content["traceback"]]))
        elif kind == "status" and content["execution_state"] == "idle":
            return found


def main():
    if subprocess.run([*npx, "--version"], capture_output=True, cwd=folder).returncode != 0:
        print("skipped: Deno can't be had from the npm registry")
        return 0
    manager = Deno()
    manager.start_kernel(cwd=str(folder))
    client = manager.client()
    client.start_channels()
    failed = 0
    try:
        client.wait_for_ready(timeout=120)
        displayed(client, head)
        for what, code in values.items():
            found = displayed(client, code)
            is_right = "text/plain" in found and "text/html" in found
            failed += not is_right
            sizes = ", ".join(f"{mime} {len(str(data))}" for mime, data in sorted(found.items()))
            print(f"{'passed' if is_right else 'FAILED'}  Deno's kernel displays {what}: {sizes or 'nothing'}")
    except Exception as error:
        failed += 1
        print(f"FAILED  Deno's kernel: {error}")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return 1 if failed else 0


sys.exit(main())
