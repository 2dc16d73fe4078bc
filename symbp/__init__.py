"""symbp: write the forward mathematics of a layer once; get its derivation, its code, and the proof that both are right.

    layer = symbp.layer("mish(x): y = x*tanh(log(1+exp(x)))")   # or symbp.catalog["sigmoid"], or symbp.read("my_layers.symbp")
    print(layer.derive())                                       # the derivation, step by step
    module = layer.load()                                       # the NumPy module: module.forward, module.backward, module.Mish
    print(layer.check())                                        # what was tried, and the worst error of each

Importing symbp is light: SymPy, NumPy and jinja2 load with the first stage that needs them.
"""

from symbp.catalog import catalog
from symbp.errors import DeriveError, EmitError, ReadError, SymbpError
from symbp.layer import Layer
from symbp.reading import layer, read

__version__ = "0.1.0"

__all__ = ["DeriveError", "EmitError", "Layer", "ReadError", "SymbpError", "__version__", "catalog", "layer", "read"]
