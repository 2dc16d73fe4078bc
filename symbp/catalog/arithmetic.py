"""The four operations and their relatives: the nodes of the book's computational graphs."""

LAYERS = """
# The product of two values. Each gets back the other side's value times the upstream gradient.
# Source: Saito, Deep Learning from Scratch, ch. 5.4.1 (MulLayer)
mul(a, b): y = a*b

# The sum of two values. It passes the upstream gradient on unchanged.
# Source: Saito, Deep Learning from Scratch, ch. 5.4.2 (AddLayer)
add(a, b): y = a + b

# The difference of two values.
# Source: torch.sub
sub(a, b): y = a - b

# The quotient of two values.
# Source: torch.div; Saito, Deep Learning from Scratch, ch. 5.5 (the node "/")
div(a, b): y = a/b

# The value with its sign changed.
# Source: torch.neg
neg(x): y = -x
"""
