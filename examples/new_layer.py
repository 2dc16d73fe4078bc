"""A layer that the catalog does not have: write its forward equation, read its derivation, keep its module, see it checked.

Run: python examples/new_layer.py [FOLDER]
"""

import sys
from pathlib import Path

import numpy as np

import symbp
from symbp.emit import write

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()

# Misra 2019, "Mish: a self regularized non-monotonic activation function"
mish = symbp.layer("mish(x): y = x*tanh(log(1 + exp(x)))")
print(mish.derive())

write(folder / "mish.py", mish.source())  # a file of its own that needs NumPy alone; an edit of yours is never overwritten
print(f"written to {folder / 'mish.py'}\n")

module = mish.load()  # the same text, imported
x = np.array([-1000.0, -1.0, 0.0, 1.0, 1000.0])  # exp(1000) would overflow; the module does not
y, residuals = module.forward(x)
dx = module.backward(np.ones(5), residuals).x
for row in zip(x, y, dx, strict=True):
    print("x = {:5g}   y = {:11.8g}   dy/dx = {:10.8g}".format(*row))

report = mish.check()
print(f"\n{report}")
sys.exit(0 if report else 1)
