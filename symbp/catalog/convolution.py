"""Convolutions: weighted sums over windows. Channels stand before the positions, as in PyTorch; padding is with zeros."""

LAYERS = """
# Convolution along one axis: x (N, C, T), w (O, C, P), b (O,) give y (N, O, I) with I = (T + 2 padding - dilation (P - 1) - 1)//stride + 1.
# Source: torch.nn.functional.conv1d
conv1d(x, *, w, b, stride=1, padding=0, dilation=1):
    y[n,o,i] = sum(pad(x[n,c,i*stride+p*dilation-padding])*w[o,c,p], c, p) + b[o]

# Convolution of images: x (N, C, H, W), w (O, C, P, Q), b (O,) give y (N, O, I, J).
# Source: Saito, Deep Learning from Scratch, ch. 7.4 (Convolution); torch.nn.functional.conv2d
conv2d(x, *, w, b, stride=1, padding=0, dilation=1):
    y[n,o,i,j] = sum(pad(x[n,c,i*stride+p*dilation-padding,j*stride+q*dilation-padding])*w[o,c,p,q], c, p, q) + b[o]

# Convolution of volumes: x (N, C, D, H, W), w (O, C, R, P, Q), b (O,) give y (N, O, K, I, J).
# Source: torch.nn.functional.conv3d
conv3d(x, *, w, b, stride=1, padding=0):
    y[n,o,k,i,j] = sum(pad(x[n,c,k*stride+r-padding,i*stride+p-padding,j*stride+q-padding])*w[o,c,r,p,q], c, r, p, q) + b[o]

# A convolution for each channel by itself: x (N, C, H, W), w (C, P, Q), b (C,) give y (N, C, I, J).
# Source: Chollet 2017 (depthwise separable convolutions); torch.nn.functional.conv2d (groups=C)
depthwise_conv2d(x, *, w, b, stride=1, padding=0, dilation=1):
    y[n,c,i,j] = sum(pad(x[n,c,i*stride+p*dilation-padding,j*stride+q*dilation-padding])*w[c,p,q], p, q) + b[c]

# A convolution for each group of channels by itself, groups as an axis.
# x (N, G, C, H, W), w (G, O, C, P, Q), b (G, O) give y (N, G, O, I, J).
# Source: Krizhevsky et al. 2012; torch.nn.functional.conv2d (groups=G, channels G*C in one axis)
grouped_conv2d(x, *, w, b, stride=1, padding=0):
    y[n,g,o,i,j] = sum(pad(x[n,g,c,i*stride+p-padding,j*stride+q-padding])*w[g,o,c,p,q], c, p, q) + b[g,o]

# A depthwise convolution, then a pointwise one: x (N, C, H, W), u (C, P, Q), w (O, C), b (O,) give y (N, O, I, J).
# Source: Chollet 2017; Howard et al. 2017 (MobileNets)
separable_conv2d(x, *, u, w, b, stride=1, padding=0):
    d[n,c,i,j] = sum(pad(x[n,c,i*stride+p-padding,j*stride+q-padding])*u[c,p,q], p, q)
    y[n,o,i,j] = sum(d[n,c,i,j]*w[o,c], c) + b[o]

# A convolution that sees no later position: x (N, C, T), w (O, C, P), b (O,) give y (N, O, T).
# Source: van den Oord et al. 2016 (WaveNet); torch.nn.functional.conv1d on an input padded on the left
causal_conv1d(x, *, w, b):
    y[n,o,t] = sum(where(p <= t, x[n,c,t-p], 0)*w[o,c,p], c, p) + b[o]

# The transposed convolution along one axis: every value spreads a kernel.
# x (N, C, T), w (C, O, P), b (O,) give y (N, O, (T - 1) stride + P).
# Source: torch.nn.functional.conv_transpose1d
conv_transpose1d(x, *, w, b, stride=1):
    s[n,o,i*stride+p] = sum(x[n,c,i]*w[c,o,p], c)
    y[n,o,u] = s[n,o,u] + b[o]

# The transposed convolution of images: x (N, C, H, W), w (C, O, P, Q), b (O,).
# Source: Zeiler et al. 2010; torch.nn.functional.conv_transpose2d
conv_transpose2d(x, *, w, b, stride=1):
    s[n,o,i*stride+p,j*stride+q] = sum(x[n,c,i,j]*w[c,o,p,q], c)
    y[n,o,u,v] = s[n,o,u,v] + b[o]
"""
