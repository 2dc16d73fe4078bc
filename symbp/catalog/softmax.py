"""Softmax and its relatives, along the last axis."""

LAYERS = """
# Positive values that add up to 1 along the last axis: x (..., K) gives y (..., K).
# Source: Saito, Deep Learning from Scratch, ch. 3.5; torch.nn.Softmax(dim=-1)
softmax(x): y[...,k] = exp(x[...,k]) / sum(exp(x[...,j]), j)
"""
