"""Losses: one number to minimise, the mean over all elements or over the samples of a minibatch."""

LAYERS = """
# Mean squared error over all elements: y and t have the same shape.
# Source: torch.nn.MSELoss
mse(y, t): L = mean((y[...] - t[...])**2, ...)

# Binary cross entropy of probabilities p, strictly between 0 and 1, with targets t of the same shape.
# Source: torch.nn.BCELoss (which clamps the logarithms at -100; this one does not)
bce(p, t): L = -mean(t[...]*log(p[...]) + (1 - t[...])*log(1 - p[...]), ...)

# Binary cross entropy of logits z with targets t of the same shape: a sigmoid, then bce.
# Source: torch.nn.BCEWithLogitsLoss
bce_with_logits(z, t):
    y[...] = sigmoid(z[...])
    L = -mean(t[...]*log(y[...]) + (1 - t[...])*log(1 - y[...]), ...)

# Softmax with loss for class numbers: logits z (N, K) and integer labels t (N,).
# Source: Saito, Deep Learning from Scratch, ch. 5.6.3 (SoftmaxWithLoss); torch.nn.CrossEntropyLoss
cross_entropy(z, t): L = -mean(log(softmax(z)[n, t[n]]), n)

# Softmax with loss for one-hot or soft targets: logits z (N, K) and target probabilities t (N, K).
# Source: Saito, Deep Learning from Scratch, appendix A; torch.nn.CrossEntropyLoss (probabilities as target)
cross_entropy_one_hot(z, t): L = -mean(sum(t[n,k]*log(softmax(z)[n,k]), k), n)
"""
