"""A two-layer network learns handwritten digits, on generated layers alone, forward and backward as in the book.

Run: python examples/digits.py [EPOCHS [FOLDER]]      (the digits come with scikit-learn: pip install 'symbp[demo]')
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from symbp.generated import Affine, CrossEntropy, Sigmoid, momentum

epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 60
folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path()

x, t = load_digits(return_X_y=True)  # 1797 pictures of 8 by 8 pixels from 0 to 16, and what they show
x_train, x_test, t_train, t_test = train_test_split(x / 4, t, test_size=0.2, stratify=t, random_state=0)

draw = np.random.default_rng(0)
hidden = Affine(draw.normal(0, 64**-0.5, (64, 50)), np.zeros(50))
scores = Affine(draw.normal(0, 50**-0.5, (50, 10)), np.zeros(10))
layers = [hidden, Sigmoid(), scores]
loss = CrossEntropy()
velocity = {layer: {name: np.zeros_like(value) for name, value in layer.params.items()} for layer in (hidden, scores)}


def predict(x):
    for layer in layers:
        x = layer.forward(x)
    return x


def learn(x, t, lr=0.1):
    """One step: forward, backward, and an update of every parameter."""
    value = loss.forward(predict(x), t)
    dout = loss.backward(1.0)
    for layer in reversed(layers):
        dout = layer.backward(dout)
    for layer, v in velocity.items():
        for name, gradient in layer.grads.items():
            (layer.params[name], v[name]), _ = momentum.forward(layer.params[name], gradient, v[name], lr=lr)
    return value


shuffle = np.random.default_rng(0)
for epoch in range(1, epochs + 1):
    order = shuffle.permutation(len(x_train))
    values = [learn(x_train[batch], t_train[batch]) for batch in np.array_split(order, range(32, len(order), 32))]
    if epoch % 10 == 0:
        print(f"epoch {epoch}: loss {np.mean(values):.4f}")

for name, layer in {"hidden": hidden, "scores": scores}.items():
    np.savez(folder / f"{name}.npz", **layer.params)  # the parameters are plain arrays by name ...
layers = [Affine(**np.load(folder / "hidden.npz")), Sigmoid(), Affine(**np.load(folder / "scores.npz"))]  # ... and come back as such
print(f"test accuracy: {(predict(x_test).argmax(axis=1) == t_test).mean():.1%}")
