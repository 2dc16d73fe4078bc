"""Softmax and its relatives, along the last axis."""

LAYERS = """
# Positive values that add up to 1 along the last axis: x (..., K) gives y (..., K).
# Source: Saito, Deep Learning from Scratch, ch. 3.5; torch.nn.Softmax(dim=-1)
softmax(x): y[...,k] = exp(x[...,k]) / sum(exp(x[...,j]), j)

# The logarithm of softmax, without its loss of digits: x (..., K) gives y (..., K).
# Source: torch.nn.functional.log_softmax(dim=-1)
log_softmax(x): y[...,k] = x[...,k] - log(sum(exp(x[...,j]), j))

# Softmax of the negated values, so that the smallest gets the most: x (..., K) gives y (..., K).
# Source: torch.nn.functional.softmin(dim=-1)
softmin(x): y[...,k] = exp(-x[...,k]) / sum(exp(-x[...,j]), j)

# A smooth maximum, never below the largest value: x (..., K) gives y (...). Its gradient is softmax.
# Source: Boyd and Vandenberghe, Convex Optimization, 2004, ch. 3.1.5; torch.logsumexp(dim=-1)
logsumexp(x): y[...] = log(sum(exp(x[...,k]), k))

# A smooth maximum between the mean (omega near 0) and the largest value (omega large): x (..., K) gives y (...).
# Source: Asadi and Littman 2017, An alternative softmax operator for reinforcement learning
mellowmax(x, omega=5): y[...] = log(mean(exp(omega*x[...,k]), k))/omega

# The mean of the values, weighted by their own softmax: x (..., K) gives y (...).
# Source: Asadi and Littman 2017 (boltz); Sutton and Barto, Reinforcement Learning, 1998, ch. 2.3
boltzmann_operator(x, beta=1): y[...] = sum(x[...,k]*exp(beta*x[...,k]), k) / sum(exp(beta*x[...,j]), j)

# The place of the largest value as a smooth number, the mean of 0 .. K-1 weighted by softmax: x (..., K) gives y (...).
# Source: Luvizon, Tabia and Picard 2019, Human pose regression by combining indirect part detection and contextual information
soft_argmax(x, beta=1): y[...] = sum(k*exp(beta*x[...,k]), k) / sum(exp(beta*x[...,j]), j)

# Softmax of logits divided by a temperature: small tau sharpens, large tau evens out. x (..., K) gives y (..., K).
# Source: Hinton, Vinyals and Dean 2015, Distilling the knowledge in a neural network, eq. 1
softmax_temperature(x, tau=1): y[...,k] = exp(x[...,k]/tau) / sum(exp(x[...,j]/tau), j)

# A sample of a category, relaxed so that it has a gradient: x (..., K) are logits, noise (..., K) is drawn from the Gumbel distribution
# by the caller, as -log(-log(u)) of uniform u. The smaller tau, the nearer to one-hot.
# Source: Jang, Gu and Poole 2017, eq. 2; torch.nn.functional.gumbel_softmax(dim=-1) (which draws the noise itself)
gumbel_softmax(x, noise, tau=1): y[...,k] = exp((x[...,k] + noise[...,k])/tau) / sum(exp((x[...,j] + noise[...,j])/tau), j)

# Softmax over the channels of a picture, at each pixel: x (N, C, H, W) gives y (N, C, H, W).
# Source: torch.nn.Softmax2d
softmax2d(x): y[n,c,h,w] = exp(x[n,c,h,w]) / sum(exp(x[n,a,h,w]), a)

# Softmax over the places where the mask is true; the others get 0. x and mask (..., K) give y (..., K); no row may be masked throughout.
# Source: Vaswani et al. 2017, ch. 3.2.3 (illegal places set to -inf); torch.softmax of x.masked_fill(~mask, -inf)
masked_softmax(x, mask):
    z[...,k] = where(mask[...,k], x[...,k], -inf)
    y = softmax(z)

# Softmax over the places up to the own one: row i of x (..., T, T) looks at columns 0 .. i. It gives y (..., T, T).
# Source: Vaswani et al. 2017, ch. 3.2.3
causal_softmax(x):
    z[...,i,j] = where(j <= i, x[...,i,j], -inf)
    y = softmax(z)

# Softmax with one more place, of logit 0, whose share is left out, so that a row may give nearly nothing: exp(x)/(1 + sum(exp(x))).
# It is softmax, times the sigmoid of logsumexp. x (..., K) gives y (..., K).
# Source: Miller 2023, Attention is off by one
softmax_one(x): y[...,k] = softmax(x)[...,k]*sigmoid(log(sum(exp(x[...,j]), j)))

# Softmax of logits shifted by the logarithm of how frequent each class is: x (..., K), prior (K,) positive, give y (..., K).
# Source: Menon et al. 2021, Long-tail learning via logit adjustment
logit_adjusted_softmax(x, prior):
    z[...,k] = x[...,k] + log(prior[k])
    y = softmax(z)

# Softmax with the exponential replaced by the first three terms of its series, which are always positive: x (..., K) gives y (..., K).
# Source: de Brebisson and Vincent 2016, An exploration of softmax alternatives belonging to the spherical loss family
taylor_softmax(x): y[...,k] = (1 + x[...,k] + x[...,k]**2/2) / sum(1 + x[...,j] + x[...,j]**2/2, j)

# Softmax with the square in place of the exponential: x (..., K) gives y (..., K).
# Source: de Brebisson and Vincent 2016, An exploration of softmax alternatives belonging to the spherical loss family
spherical_softmax(x, eps=1e-8): y[...,k] = (x[...,k]**2 + eps) / sum(x[...,j]**2 + eps, j)
"""
