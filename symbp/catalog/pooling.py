"""Pooling: one value for each window, or for each channel. Channels stand before the positions, as in PyTorch."""

LAYERS = """
# The largest value of each window along one axis: x (N, C, T).
# Kink: of equal largest values the first receives the gradient.
# Source: torch.nn.functional.max_pool1d
max_pool1d(x, kernel=2, stride=2): y[n,c,i] = max(x[n,c,i*stride+p], p=kernel)

# The largest value of each window: x (N, C, H, W).
# Kink: of equal largest values the first receives the gradient.
# Source: Saito, Deep Learning from Scratch, ch. 7.4.4 (Pooling); torch.nn.functional.max_pool2d
max_pool2d(x, kernel=2, stride=2, padding=0):
    y[n,c,i,j] = max(pad(x[n,c,i*stride+p-padding,j*stride+q-padding], -inf), p=kernel, q=kernel)

# The mean of each window along one axis: x (N, C, T).
# Source: torch.nn.functional.avg_pool1d
avg_pool1d(x, kernel=2, stride=2): y[n,c,i] = mean(x[n,c,i*stride+p], p=kernel)

# The mean of each window, padding counted: x (N, C, H, W).
# Source: LeCun et al. 1998; torch.nn.functional.avg_pool2d
avg_pool2d(x, kernel=2, stride=2, padding=0):
    y[n,c,i,j] = mean(pad(x[n,c,i*stride+p-padding,j*stride+q-padding]), p=kernel, q=kernel)

# The mean of each window of a volume: x (N, C, D, H, W).
# Source: torch.nn.functional.avg_pool3d
avg_pool3d(x, kernel=2, stride=2):
    y[n,c,k,i,j] = mean(x[n,c,k*stride+r,i*stride+p,j*stride+q], r=kernel, p=kernel, q=kernel)

# The p-norm of each window of nonnegative values: x (N, C, H, W).
# Source: torch.nn.functional.lp_pool2d
lp_pool2d(x, kernel=2, stride=2, norm=2):
    y[n,c,i,j] = sum(x[n,c,i*stride+p,j*stride+q]**norm, p=kernel, q=kernel)**(1/norm)

# The mean over all positions: x (N, C, H, W) gives y (N, C).
# Source: Lin et al. 2014; torch.nn.functional.adaptive_avg_pool2d (to 1 by 1)
global_avg_pool2d(x): y[n,c] = mean(x[n,c,h,w], h, w)

# The largest value over all positions: x (N, C, H, W) gives y (N, C).
# Kink: of equal largest values the first receives the gradient.
# Source: torch.nn.functional.adaptive_max_pool2d (to 1 by 1)
global_max_pool2d(x): y[n,c] = max(x[n,c,h,w], h, w)
"""
