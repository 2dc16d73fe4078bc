"""Functions of one value, applied to every element."""

LAYERS = """
# The exponential.
# Source: torch.exp
exp(x): y = exp(x)

# The natural logarithm of a positive value.
# Source: torch.log
log(x): y = log(x)

# One over the value.
# Source: torch.reciprocal
reciprocal(x): y = 1/x

# The square.
# Source: torch.square
square(x): y = x**2

# The square root of a value that is not negative; its gradient at 0 is infinite.
# Source: torch.sqrt
sqrt(x): y = sqrt(x)
"""
