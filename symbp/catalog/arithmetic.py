"""The four operations and their relatives: the nodes of the book's computational graphs."""

LAYERS = """
# The product of two values. Each gets back the other side's value times the upstream gradient.
# Source: Saito, Deep Learning from Scratch, ch. 5.4.1 (MulLayer); torch.mul
mul(a, b): y = a*b

# The sum of two values. It passes the upstream gradient on unchanged.
# Source: Saito, Deep Learning from Scratch, ch. 5.4.2 (AddLayer); torch.add
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

# A positive base raised to any exponent: both get a gradient.
# Source: torch.pow (which also takes a negative base with a whole exponent)
power(a, b): y = exp(b*log(a))

# A value plus a product, in one step.
# Source: torch.addcmul
addcmul(x, a, b, value=1): y = x + value*a*b

# A value plus a quotient, in one step.
# Source: torch.addcdiv
addcdiv(x, a, b, value=1): y = x + value*a/b

# The point on the straight line from a (weight 0) to b (weight 1).
# Source: torch.lerp
lerp(a, b, weight): y = a + weight*(b - a)

# The length of the hypotenuse over the sides a and b; its gradient at a = b = 0 is not defined.
# Source: torch.hypot
hypot(a, b): y = sqrt(a**2 + b**2)

# The larger of two values, element by element; the gradient goes to the side that was taken.
# Kink: where a = b, all of it goes to a.
# Source: torch.maximum (which gives each side half where a = b)
maximum(a, b): y = maximum(a, b)

# The smaller of two values, element by element; the gradient goes to the side that was taken.
# Kink: where a = b, all of it goes to a.
# Source: torch.minimum (which gives each side half where a = b)
minimum(a, b): y = minimum(a, b)

# The logarithm of the sum of two exponentials: a smooth maximum.
# Source: torch.logaddexp
logaddexp(a, b): y = where(a >= b, a + log(1 + exp(b - a)), b + log(1 + exp(a - b)))

# The same to base 2.
# Source: torch.logaddexp2
logaddexp2(a, b): y = logaddexp(a*log(2), b*log(2))/log(2)

# x times the logarithm of a positive y, and 0 where both are 0.
# Source: torch.xlogy (which is 0 for a negative y too where x is 0)
xlogy(x, y): z = where(x == 0 and y == 0, 0, x*log(y))

# x times the logarithm of 1 + y for y above -1, and 0 where x is 0 and y is -1.
# Source: torch.special.xlog1py (which is 0 for y below -1 too where x is 0)
xlog1py(x, y): z = where(x == 0 and y == -1, 0, x*log(1 + y))

# The square of the difference of two values.
# Source: Rumelhart, Hinton and Williams 1986 (the error of one output); torch.nn.MSELoss(reduction="none")
squared_difference(a, b): y = (a - b)**2
"""
