"""What of torch goes into the bundle; stands in for the hook that PyInstaller brings.

That one imports every package of torch to list its modules and takes all files. Here
the modules are read off the disk, and without those that only torch's own tests,
compilers and clusters need.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(find_spec("torch").origin).parent

# torch.testing._internal is imported by torch.distributed, which torch's optimizers
# import; only parts of it can go.
WITHOUT = (
    "torch.testing._internal.opinfo",
    "torch.testing._internal.generated",
    "torch.testing._internal.distributed._tensor",
    "torch.testing._internal.distributed.nn",
    "torch.testing._internal.distributed.rpc",
    "torch.testing._internal.optests",
    "torch.testing._internal.codegen",
    "torch.testing._internal.test_module",
    "torch.testing._internal.common_methods_invocations",
    "torch.testing._internal.common_quantization",
    "torch.testing._internal.common_modules",
    "torch.testing._internal.common_fsdp",
    "torch.testing._internal.jit_metaprogramming_utils",
    "torch.distributed.benchmarks",
    "torch.distributed.elastic",
    "torch.distributed.examples",
    "torch.distributed.launcher",
    "torch.distributed.pipelining",
    "torch.utils.benchmark",
    "torch.utils.bottleneck",
    "torch.utils.tensorboard",
    "torch.utils.hipify",
    "torch.utils.model_dump",
    "torch.test",
    "torch._inductor.codegen.cutlass",
    "torch._inductor.autoheuristic.artifacts",
    "torch._inductor.fx_passes.serialized_patterns",
    "torch._inductor.kernel",
    "torch._vendor.quack",
)

# Some modules read their own source as they are imported: torch.jit.script, and the
# tables of settings. These packages don't, so that their bytecode is enough.
SOURCELESS = (
    "torch._dynamo",
    "torch._export",
    "torch._functorch",
    "torch._higher_order_ops",
    "torch._inductor",
    "torch._tensor_docs",
    "torch._torch_docs",
    "torch._vendor",
    "torch.ao",
    "torch.distributed",
    "torch.export",
    "torch.fx",
    "torch.onnx",
    "torch.sparse",
    "torch.testing",
)


def _module(file):
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _wanted(name):
    return not any(name == out or name.startswith(f"{out}.") for out in WITHOUT)


hiddenimports = sorted(
    name
    for name in map(_module, ROOT.rglob("*.py"))
    if _wanted(name) and all(part.isidentifier() for part in name.split("."))
)
excludedimports = list(WITHOUT)

_settings = (
    _module(file)
    for file in ROOT.rglob("*config*.py")
    if "install_config_module(" in file.read_text("utf-8")
)
module_collection_mode = {
    "torch": "pyz+py",
    **dict.fromkeys(SOURCELESS, "pyz"),
    **dict.fromkeys(filter(_wanted, _settings), "pyz+py"),
    "torch.distributed.optim": "pyz+py",
}
warn_on_missing_hiddenimports = False
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]

SUFFIX = {"win32": "*.dll", "darwin": "*.dylib"}.get(sys.platform, "*.so*")
TESTS = ("test", "backend_with_compiler", "aoti_custom_ops")
binaries = [
    (str(file), "torch/lib")
    for file in sorted((ROOT / "lib").glob(SUFFIX))
    if file.is_file() and not any(word in file.name for word in TESTS)
]
for name in ("torch_shm_manager", "torch_shm_manager.exe"):  # torch asks for it
    if (ROOT / "bin" / name).exists():
        binaries.append((str(ROOT / "bin" / name), "torch/bin"))
