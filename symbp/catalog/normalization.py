"""Values brought to mean 0 and variance 1, or to length 1, over some axes."""

LAYERS = """
# Every feature to mean 0 and variance 1 over the minibatch, then scaled and shifted: x (N, C), gamma and beta (C,) give y (N, C).
# Source: Ioffe and Szegedy 2015, algorithm 1; Saito, Deep Learning from Scratch, ch. 6.3; torch.nn.BatchNorm1d in training
# (the running averages are left to the caller)
batch_norm(x, *, gamma, beta, eps=1e-5):
    mu[c] = mean(x[n,c], n)
    v[c] = mean((x[n,c] - mu[c])**2, n)
    y[n,c] = gamma[c]*(x[n,c] - mu[c])/sqrt(v[c] + eps) + beta[c]

# Batch normalization with means and variances that are given: x (N, C), mu, v, gamma and beta (C,) give y (N, C).
# Source: Ioffe and Szegedy 2015, algorithm 2; torch.nn.BatchNorm1d in evaluation
batch_norm_eval(x, mu, v, *, gamma, beta, eps=1e-5): y[n,c] = gamma[c]*(x[n,c] - mu[c])/sqrt(v[c] + eps) + beta[c]

# Batch normalization of pictures, every channel over minibatch and pixels: x (N, C, H, W), gamma and beta (C,) give y (N, C, H, W).
# Source: Ioffe and Szegedy 2015, ch. 3.2; torch.nn.BatchNorm2d in training (the running averages are left to the caller)
batch_norm2d(x, *, gamma, beta, eps=1e-5):
    mu[c] = mean(x[n,c,h,w], n, h, w)
    v[c] = mean((x[n,c,h,w] - mu[c])**2, n, h, w)
    y[n,c,h,w] = gamma[c]*(x[n,c,h,w] - mu[c])/sqrt(v[c] + eps) + beta[c]

# Batch normalization of pictures with means and variances that are given: x (N, C, H, W), mu, v, gamma and beta (C,) give y (N, C, H, W).
# Source: Ioffe and Szegedy 2015, algorithm 2; torch.nn.BatchNorm2d in evaluation
batch_norm2d_eval(x, mu, v, *, gamma, beta, eps=1e-5): y[n,c,h,w] = gamma[c]*(x[n,c,h,w] - mu[c])/sqrt(v[c] + eps) + beta[c]

# Every vector to mean 0 and variance 1 over its own features, then scaled and shifted: x (..., D), gamma and beta (D,) give y (..., D).
# Source: Ba, Kiros and Hinton 2016; torch.nn.LayerNorm of the last axis
layer_norm(x, *, gamma, beta, eps=1e-5):
    mu[...]  = mean(x[...,d], d)
    v[...]   = mean((x[...,d] - mu[...])**2, d)
    y[...,d] = gamma[d]*(x[...,d] - mu[...])/sqrt(v[...] + eps) + beta[d]

# Layer normalization whose scale and shift belong to each vector, from a network that reads a condition: x, scale and shift (..., D).
# Source: Peebles and Xie 2023, Scalable diffusion models with transformers, ch. 3.2 (adaLN)
ada_layer_norm(x, scale, shift, eps=1e-5):
    mu[...]  = mean(x[...,d], d)
    v[...]   = mean((x[...,d] - mu[...])**2, d)
    y[...,d] = (1 + scale[...,d])*(x[...,d] - mu[...])/sqrt(v[...] + eps) + shift[...,d]

# Every vector to mean 0 and variance 1, with nothing learned: x (..., D) gives y (..., D).
# Source: torch.nn.LayerNorm(elementwise_affine=False) of the last axis
standardize(x, eps=1e-5):
    mu[...]  = mean(x[...,d], d)
    v[...]   = mean((x[...,d] - mu[...])**2, d)
    y[...,d] = (x[...,d] - mu[...])/sqrt(v[...] + eps)

# Every vector divided by the root of the mean of its squares, then scaled: x (..., D), gamma (D,) give y (..., D).
# Source: Zhang and Sennrich 2019; torch.nn.RMSNorm(eps=1e-6) of the last axis
rms_norm(x, *, gamma, eps=1e-6): y[...,d] = gamma[d]*x[...,d]/sqrt(mean(x[...,i]**2, i) + eps)

# Groups of channels to mean 0 and variance 1, over the pixels of each picture: x (N, G, C, H, W), whose G groups hold C channels each,
# gamma and beta (G, C) give y (N, G, C, H, W).
# Source: Wu and He 2018, eq. 1 to 7; torch.nn.GroupNorm (where groups and channels are one axis)
group_norm(x, *, gamma, beta, eps=1e-5):
    mu[n,g] = mean(x[n,g,c,h,w], c, h, w)
    v[n,g] = mean((x[n,g,c,h,w] - mu[n,g])**2, c, h, w)
    y[n,g,c,h,w] = gamma[g,c]*(x[n,g,c,h,w] - mu[n,g])/sqrt(v[n,g] + eps) + beta[g,c]

# Every channel of every picture to mean 0 and variance 1: x (N, C, H, W), gamma and beta (C,) give y (N, C, H, W).
# Source: Ulyanov, Vedaldi and Lempitsky 2016; torch.nn.InstanceNorm2d(affine=True)
instance_norm2d(x, *, gamma, beta, eps=1e-5):
    mu[n,c] = mean(x[n,c,h,w], h, w)
    v[n,c] = mean((x[n,c,h,w] - mu[n,c])**2, h, w)
    y[n,c,h,w] = gamma[c]*(x[n,c,h,w] - mu[n,c])/sqrt(v[n,c] + eps) + beta[c]

# Every channel of a picture x gets mean and deviation of the same channel of a picture s, whose style it takes: x and s (N, C, H, W).
# Source: Huang and Belongie 2017, Arbitrary style transfer in real-time, eq. 8 (AdaIN)
adaptive_instance_norm(x, s, eps=1e-5):
    mu[n,c] = mean(x[n,c,h,w], h, w)
    v[n,c] = mean((x[n,c,h,w] - mu[n,c])**2, h, w)
    m[n,c] = mean(s[n,c,h,w], h, w)
    u[n,c] = mean((s[n,c,h,w] - m[n,c])**2, h, w)
    y[n,c,h,w] = sqrt(u[n,c] + eps)*(x[n,c,h,w] - mu[n,c])/sqrt(v[n,c] + eps) + m[n,c]

# Every pixel's channels divided by the root of the mean of their squares: x (N, C, H, W) gives y (N, C, H, W).
# Source: Karras et al. 2018, Progressive growing of GANs, ch. 4.2
pixel_norm(x, eps=1e-8): y[n,c,h,w] = x[n,c,h,w]/sqrt(mean(x[n,a,h,w]**2, a) + eps)

# Every channel divided by the root of the mean of its squares, scaled, shifted, and cut off below at a learned threshold:
# x (N, C, H, W), gamma, beta and tau (C,) give y (N, C, H, W).
# Kink: at the threshold the value, not the threshold, counts.
# Source: Singh and Krishnan 2020, Filter response normalization layer (FRN with TLU)
filter_response_norm(x, *, gamma, beta, tau, eps=1e-6):
    v[n,c] = mean(x[n,c,h,w]**2, h, w)
    z[n,c,h,w] = gamma[c]*x[n,c,h,w]/sqrt(v[n,c] + eps) + beta[c]
    y[n,c,h,w] = maximum(z[n,c,h,w], tau[c])

# Every channel scaled by its length relative to the mean length, and the input added: x (N, H, W, C), gamma and beta (C,).
# The gradient of a channel that is 0 throughout is not defined.
# Source: Woo et al. 2023, ConvNeXt V2, algorithm 1
global_response_norm(x, *, gamma, beta, eps=1e-6):
    r[n,c] = sqrt(sum(x[n,h,w,c]**2, h, w))
    a[n,c] = r[n,c]/(mean(r[n,k], k) + eps)
    y[n,h,w,c] = gamma[c]*x[n,h,w,c]*a[n,c] + beta[c] + x[n,h,w,c]

# Every vector divided by its length, or by eps where it is shorter: x (..., D) gives y (..., D).
# Kink: at the length eps the length counts; the gradient at x = 0 is not defined.
# Source: torch.nn.functional.normalize(dim=-1)
l2_normalize(x, eps=1e-12):
    r[...] = sqrt(sum(x[...,i]**2, i))
    y[...,d] = x[...,d]/maximum(r[...], eps)

# Every vector divided by the sum of its magnitudes, or by eps where that is smaller: x (..., D) gives y (..., D).
# Kink: the derivative of a magnitude at 0 is 0; at the sum eps the sum counts.
# Source: torch.nn.functional.normalize(p=1, dim=-1)
l1_normalize(x, eps=1e-12):
    r[...] = sum(abs(x[...,i]), i)
    y[...,d] = x[...,d]/maximum(r[...], eps)

# Every vector to length g, which is learned: x (..., D) and a number g give y (..., D).
# Kink: at the length eps the length counts; the gradient at x = 0 is not defined.
# Source: Nguyen and Salazar 2019, Transformers without tears (ScaleNorm)
scale_norm(x, *, g, eps=1e-5):
    r[...] = sqrt(sum(x[...,i]**2, i))
    y[...,d] = g*x[...,d]/maximum(r[...], eps)

# Every vector moved and scaled to run from 0 to 1; its values must not all be equal: x (..., D) gives y (..., D).
# Kink: of several smallest or largest values the first counts.
# Source: sklearn.preprocessing.minmax_scale(axis=-1)
min_max_scale(x):
    low[...] = min(x[...,i], i)
    high[...] = max(x[...,i], i)
    y[...,d] = (x[...,d] - low[...])/(high[...] - low[...])

# A weight by direction and length of each of its rows: v (O, I), g (O,) give w (O, I).
# Source: Salimans and Kingma 2016, eq. 2; torch.nn.utils.parametrizations.weight_norm
weight_norm(v, g): w[o,i] = g[o]*v[o,i]/sqrt(sum(v[o,j]**2, j))

# A weight whose rows have mean 0 and variance 1: W (O, I) gives y (O, I).
# Source: Qiao et al. 2019, Weight standardization
weight_standardization(W, eps=1e-5):
    mu[o] = mean(W[o,i], i)
    v[o] = mean((W[o,i] - mu[o])**2, i)
    y[o,i] = (W[o,i] - mu[o])/sqrt(v[o] + eps)

# A learned squashing in place of a normalization: x (..., D), a number alpha, gamma and beta (D,) give y (..., D).
# Source: Zhu et al. 2025, Transformers without normalization (DyT)
dynamic_tanh(x, *, alpha, gamma, beta): y[...,d] = gamma[d]*tanh(alpha*x[...,d]) + beta[d]

# Each value over the squares of the five channels around it: x (N, C, H, W).
# Source: Krizhevsky et al. 2012, ch. 3.3 (AlexNet); torch.nn.functional.local_response_norm (size=5)
local_response_norm(x, alpha=1e-4, beta=0.75, k=1):
    y[n,c,h,w] = x[n,c,h,w]/(k + alpha*mean(pad(x[n,c+j-2,h,w])**2, j=5))**beta
"""
