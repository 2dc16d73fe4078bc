"""Layers that act during training only."""

LAYERS = """
# Inverted dropout: keeps the values where the mask is true, scaled up so that the expectation stays the same.
# mask is a boolean tensor, true with probability 1 - rate; drawing it is left to the caller, so that a run can be repeated.
# Source: Srivastava et al. 2014; torch.nn.Dropout
dropout(x, mask, rate=0.5): y = where(mask, x/(1 - rate), 0)
"""
