"""Functions of one value, applied to every element."""

LAYERS = """
# The exponential.
# Source: torch.exp
exp(x): y = exp(x)

# The power of two.
# Source: torch.exp2
exp2(x): y = 2**x

# The exponential minus 1, with all its digits where x is near 0.
# Source: torch.expm1
expm1(x): y = exp(x) - 1

# The natural logarithm of a positive value.
# Source: torch.log
log(x): y = log(x)

# The logarithm of 1 + x, with all its digits where x is near 0.
# Source: torch.log1p
log1p(x): y = log(1 + x)

# The logarithm to base 2 of a positive value.
# Source: torch.log2
log2(x): y = log(x)/log(2)

# The logarithm to base 10 of a positive value.
# Source: torch.log10
log10(x): y = log(x)/log(10)

# One over the value.
# Source: torch.reciprocal
reciprocal(x): y = 1/x

# The square.
# Source: torch.square
square(x): y = x**2

# The third power.
# Source: torch.pow(x, 3)
cube(x): y = x**3

# The square root of a value that is not negative; its gradient at 0 is infinite.
# Source: torch.sqrt
sqrt(x): y = sqrt(x)

# One over the square root of a positive value.
# Source: torch.rsqrt
rsqrt(x): y = 1/sqrt(x)

# The sine.
# Source: torch.sin
sin(x): y = sin(x)

# The cosine.
# Source: torch.cos
cos(x): y = cos(x)

# The tangent.
# Source: torch.tan
tan(x): y = tan(x)

# The angle between -pi/2 and pi/2 that has this sine, for x from -1 to 1.
# Source: torch.asin
asin(x): y = asin(x)

# The angle between 0 and pi that has this cosine, for x from -1 to 1.
# Source: torch.acos
acos(x): y = acos(x)

# The angle between -pi/2 and pi/2 that has this tangent.
# Source: torch.atan
atan(x): y = atan(x)

# The hyperbolic sine.
# Source: torch.sinh
sinh(x): y = sinh(x)

# The hyperbolic cosine.
# Source: torch.cosh
cosh(x): y = cosh(x)

# The inverse of the hyperbolic sine.
# Source: torch.asinh
asinh(x): y = asinh(x)

# The inverse of the hyperbolic cosine, for x from 1 on.
# Source: torch.acosh
acosh(x): y = acosh(x)

# The inverse of the hyperbolic tangent, for x between -1 and 1.
# Source: torch.atanh
atanh(x): y = atanh(x)

# The error function.
# Source: torch.erf
erf(x): y = erf(x)

# The complement of the error function, with all its digits where erf is near 1.
# Source: torch.erfc
erfc(x): y = 1 - erf(x)

# The distribution function of the standard normal distribution.
# Source: torch.special.ndtr
ndtr(x): y = (1 + erf(x/sqrt(2)))/2

# The logarithm of the odds of a probability strictly between 0 and 1: the inverse of the sigmoid.
# Source: torch.logit
logit(x): y = log(x/(1 - x))

# The part that a probability has in the entropy: 0 at 0.
# Kink: at x = 0 the derivative, which grows without limit towards it, is 0.
# Source: torch.special.entr (for x from 0 on)
entr(x): y = where(x == 0, 0, -x*log(x))

# The logarithm of the gamma function of a positive value.
# Source: torch.lgamma
lgamma(x): y = gammaln(x)

# The derivative of lgamma.
# Source: torch.digamma
digamma(x): y = digamma(x)

# The absolute value.
# Kink: at x = 0 the derivative is 0.
# Source: torch.abs
abs(x): y = abs(x)

# The value, held between low and high.
# Kink: at x = low and x = high the derivative is 1.
# Source: torch.clamp(x, low, high)
clamp(x, low=-1, high=1): y = minimum(maximum(x, low), high)
"""
