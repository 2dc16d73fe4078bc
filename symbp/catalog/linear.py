"""Layers that are linear in their data."""

LAYERS = """
# A matrix product and a bias along the last axis: x (..., I), W (I, O), b (O,) give y (..., O).
# Source: Saito, Deep Learning from Scratch, ch. 5.6 (Affine); torch.nn.Linear (whose weight is W transposed)
affine(x, *, W, b): y[...,o] = sum(x[...,i]*W[i,o], i) + b[o]
"""
