"""Activation functions, applied to every element."""

LAYERS = """
# Lets positive values through and stops the rest.
# Kink: at x = 0 the first argument of maximum counts, so the derivative there is 0.
# Source: Saito, Deep Learning from Scratch, ch. 5.5.1; torch.nn.ReLU
relu(x): y = maximum(0, x)

# Squashes a value into (0, 1).
# Source: Saito, Deep Learning from Scratch, ch. 5.5.2; torch.nn.Sigmoid
sigmoid(x): y = 1/(1 + exp(-x))

# Squashes a value into (-1, 1).
# Source: torch.nn.Tanh
tanh(x): y = tanh(x)

# A smooth relu: x for large x, 0 for very negative x.
# Source: Dugas et al. 2001; torch.nn.Softplus (with beta = 1 and no threshold)
softplus(x): y = log(1 + exp(x))
"""
