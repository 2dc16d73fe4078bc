"""Activation functions, applied to every element."""

LAYERS = """
# Lets positive values through and stops the rest.
# Kink: at x = 0 the first argument of maximum counts, so the derivative there is 0.
# Source: Saito, Deep Learning from Scratch, ch. 5.5.1; torch.nn.ReLU
relu(x): y = maximum(0, x)

# A relu that stops growing at 6.
# Kink: at x = 0 and x = 6 the derivative is 0.
# Source: Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010; torch.nn.ReLU6
relu6(x): y = minimum(6, maximum(0, x))

# A relu, squared.
# Source: So et al., Primer: Searching for Efficient Transformers for Language Modeling, 2021
squared_relu(x): y = maximum(0, x)**2

# The positive and the negative part, each as a positive value.
# Kink: at x = 0 both derivatives are 0.
# Source: Shang et al., Understanding and Improving Convolutional Neural Networks via Concatenated Rectified Linear Units, 2016
crelu(x):
    positive = maximum(0, x)
    negative = maximum(0, -x)

# A relu that lets a small part of negative values through.
# Kink: at x = 0 the derivative is slope.
# Source: Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013; torch.nn.LeakyReLU
leaky_relu(x, slope=0.01): y = where(x > 0, x, slope*x)

# A leaky relu whose slope is learned: x (..., C) and a slope a (C,) for each channel, the last axis.
# Kink: at x = 0 the derivative is a.
# Source: He et al., Delving Deep into Rectifiers, 2015, eq. 1; torch.nn.PReLU (whose channels are the second axis)
prelu(x, *, a): y[...,c] = where(x[...,c] > 0, x[...,c], a[c]*x[...,c])

# The randomized leaky relu when it is not training: the slope is the middle of those drawn in training.
# Kink: at x = 0 the derivative is the slope.
# Source: Xu et al., Empirical Evaluation of Rectified Activations in Convolutional Network, 2015; torch.nn.RReLU (evaluation)
rrelu_eval(x, lower=1/8, upper=1/3): y = where(x > 0, x, (lower + upper)/2*x)

# Lets through what is larger than theta, and puts value in the place of the rest.
# Kink: at x = theta the derivative is 0.
# Source: torch.nn.Threshold
threshold(x, theta=0, value=0): y = where(x > theta, x, value)

# Squashes a value into (0, 1).
# Source: Saito, Deep Learning from Scratch, ch. 5.5.2; torch.nn.Sigmoid
sigmoid(x): y = 1/(1 + exp(-x))

# The logarithm of the sigmoid.
# Source: torch.nn.LogSigmoid
logsigmoid(x): y = log(sigmoid(x))

# Squashes a value into (-1, 1).
# Source: torch.nn.Tanh
tanh(x): y = tanh(x)

# A tanh scaled so that 1 and -1 stay where they are.
# Source: LeCun et al., Efficient BackProp, 1998, sec. 4.4
lecun_tanh(x): y = 1.7159*tanh(2*x/3)

# The identity for small values, held between -cap and cap by a tanh.
# Source: Gemma Team, Gemma 2: Improving Open Language Models at a Practical Size, 2024, sec. 2 (logit soft-capping)
softcap(x, cap=30): y = cap*tanh(x/cap)

# Squashes a value into (-1, 1), slower than tanh.
# Source: Bergstra et al., Quadratic Polynomials Learn Better Image Features, 2009; torch.nn.Softsign
softsign(x): y = x/(1 + abs(x))

# What tanh takes away from a value.
# Source: torch.nn.Tanhshrink
tanhshrink(x): y = x - tanh(x)

# A smooth relu: x for large x, 0 for very negative x.
# Source: Dugas et al. 2001; torch.nn.Softplus (with beta = 1 and no threshold)
softplus(x): y = log(1 + exp(x))

# The identity for positive values, and a curve down to -alpha for negative ones.
# Kink: for alpha other than 1, at x = 0 the derivative is alpha.
# Source: Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network Learning by Exponential Linear Units, 2016; torch.nn.ELU
elu(x, alpha=1): y = where(x > 0, x, alpha*(exp(x) - 1))

# An elu whose two constants keep mean 0 and variance 1 from layer to layer.
# Kink: at x = 0 the derivative is that of the left side.
# Source: Klambauer et al., Self-Normalizing Neural Networks, 2017, eq. 2; torch.nn.SELU
selu(x, alpha=1.6732632423543772848170429916717, scale=1.0507009873554804934193349852946):
    y = scale*where(x > 0, x, alpha*(exp(x) - 1))

# An elu whose derivative is continuous for every alpha.
# Source: Barron, Continuously Differentiable Exponential Linear Units, 2017; torch.nn.CELU
celu(x, alpha=1): y = alpha*elu(x/alpha)

# The value times the probability that a standard normal value is smaller.
# Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016; torch.nn.GELU
gelu(x): y = x*ndtr(x)

# The gelu, approximated by a tanh.
# Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016, sec. 2; torch.nn.GELU(approximate="tanh")
gelu_tanh(x):
    u = sqrt(2/pi)*(x + 0.044715*x**3)
    y = x*(1 + tanh(u))/2

# The gelu, approximated by a sigmoid.
# Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016, sec. 2 (as CLIP uses it)
quick_gelu(x): y = x*sigmoid(1.702*x)

# The value times its sigmoid.
# Source: Elfwing, Uchibe and Doya 2018; Ramachandran, Zoph and Le 2017; torch.nn.SiLU
silu(x): y = x*sigmoid(x)

# A silu whose steepness beta is learned: x of any shape, beta a number or anything that broadcasts with x.
# Source: Ramachandran, Zoph and Le, Searching for Activation Functions, 2017
swish(x, *, beta): y = x*sigmoid(beta*x)

# The value times the tanh of its softplus.
# Source: Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019; torch.nn.Mish
mish(x): y = x*tanh(log(1 + exp(x)))

# The value times its tanh: large for large values of either sign.
# Source: Roy et al., LiSHT: Non-Parametric Linearly Scaled Hyperbolic Tangent, 2019
lisht(x): y = x*tanh(x)

# The identity between low and high, constant beyond.
# Kink: at x = low and x = high the derivative is 0.
# Source: Collobert 2004; torch.nn.Hardtanh
hardtanh(x, low=-1, high=1): y = minimum(high, maximum(low, x))

# A sigmoid made of straight lines: 0 up to -3, 1 from 3 on.
# Kink: at x = -3 and x = 3 the derivative is 0.
# Source: Howard et al., Searching for MobileNetV3, 2019; torch.nn.Hardsigmoid
hardsigmoid(x): y = minimum(6, maximum(0, x + 3))/6

# A silu made of a parabola and straight lines.
# Kink: at x = -3 and x = 3 the derivative is 0 and 1.
# Source: Howard et al., Searching for MobileNetV3, 2019; torch.nn.Hardswish
hardswish(x): y = x*hardsigmoid(x)

# Shrinks every value by lambd, and the small ones to 0.
# Kink: at x = lambd and x = -lambd the derivative is 0.
# Source: torch.nn.Softshrink
softshrink(x, lambd=0.5): y = where(x > lambd, x - lambd, where(x < -lambd, x + lambd, 0))

# Sets the small values to 0.
# Kink: at x = lambd and x = -lambd the derivative is 0.
# Source: torch.nn.Hardshrink
hardshrink(x, lambd=0.5): y = where(x > lambd, x, where(x < -lambd, x, 0))

# A bell: 1 at 0, and next to nothing beyond 6 on either side.
# Source: Broomhead and Lowe, Multivariable Functional Interpolation and Adaptive Networks, 1988
gaussian(x): y = exp(-x**2/2)

# The identity with waves of frequency a on it.
# Source: Liu, Hartwig and Ueda, Neural Networks Fail to Learn Periodic Functions and How to Fix It, 2020
snake(x, a=1): y = x + sin(a*x)**2/a

# A gated linear unit: one half of the features lets the other through. The two halves are two inputs here.
# Source: Dauphin et al., Language Modeling with Gated Convolutional Networks, 2017; torch.nn.GLU (of a and b side by side)
glu(a, b): y = a*sigmoid(b)

# A gated linear unit with a relu for the gate a. The two halves are two inputs here.
# Kink: at a = 0 the gradient of a is 0.
# Source: Shazeer, GLU Variants Improve Transformer, 2020, eq. 5
reglu(a, b): y = relu(a)*b

# A gated linear unit with a gelu for the gate a. The two halves are two inputs here.
# Source: Shazeer, GLU Variants Improve Transformer, 2020, eq. 5
geglu(a, b): y = gelu(a)*b

# A gated linear unit with a silu for the gate a. The two halves are two inputs here.
# Source: Shazeer, GLU Variants Improve Transformer, 2020, eq. 5
swiglu(a, b): y = silu(a)*b
"""
