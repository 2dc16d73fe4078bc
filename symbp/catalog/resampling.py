"""Padding, upsampling and rearranging of positions. Channels stand before the positions, as in PyTorch."""

LAYERS = """
# Zeros around an image: x (N, C, H, W) gives y (N, C, H + 2 padding, W + 2 padding).
# Source: torch.nn.functional.pad
pad2d(x, padding=1): y[n,c,h,v] = pad(x[n,c,h-padding,v-padding])

# Every value repeated along one axis: x (N, C, T) gives y (N, C, scale T).
# Source: torch.nn.functional.interpolate (mode "nearest")
upsample_nearest1d(x, scale=2):
    size(p) = scale
    y[n,c,t*scale+p] = x[n,c,t]

# Every pixel repeated in a block: x (N, C, H, W) gives y (N, C, scale H, scale W).
# Source: torch.nn.functional.interpolate (mode "nearest")
upsample_nearest2d(x, scale=2):
    size(p) = scale
    size(q) = scale
    y[n,c,h*scale+p,v*scale+q] = x[n,c,h,v]

# Channels laid out as pixels: x (N, C scale^2, H, W) gives y (N, C, scale H, scale W).
# Source: Shi et al. 2016; torch.nn.functional.pixel_shuffle
pixel_shuffle(x, scale=2):
    size(p) = scale
    size(q) = scale
    y[n,c,h*scale+p,v*scale+q] = x[n,c*scale*scale+p*scale+q,h,v]

# Zeros between the values: x (N, C, T) gives y (N, C, (T - 1) scale + 1).
# Source: Oppenheim and Schafer, Discrete-Time Signal Processing, ch. 4.6 (expander)
zero_stuff1d(x, scale=2): y[n,c,t*scale] = x[n,c,t]

# Every scale-th value along one axis: x (N, C, T).
# Source: Oppenheim and Schafer, Discrete-Time Signal Processing, ch. 4.6 (compressor); x[..., ::scale] in PyTorch
downsample1d(x, scale=2): y[n,c,t] = x[n,c,t*scale]

# An axis read backwards: x (..., T).
# Source: torch.flip
flip(x): y[...,t] = x[...,size(t)-1-t]

# The values of two tensors in turn along the last axis: a (..., T) and b (..., T) give y (..., 2 T).
# Source: torch.stack(..., dim=-1).flatten(-2)
interleave(a, b):
    y[...,2*t] = a[...,t]
    y[...,2*t+1] = b[...,t]

# Rows added up at the places that an integer tensor names: base (V, D), x (N, D), t (N,).
# Source: torch.Tensor.index_add
index_add(base, x, t):
    s[t[n],d] = x[n,d]
    y[v,d] = base[v,d] + s[v,d]
"""
