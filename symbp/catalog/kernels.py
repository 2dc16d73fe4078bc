"""How alike every row of one matrix is to every row of another: kernels."""

LAYERS = """
# The inner products of all rows: x (I, C), y (J, C) give k (I, J).
# Source: sklearn.metrics.pairwise.linear_kernel
linear_kernel(x, y): k[i,j] = sum(x[i,c]*y[j,c], c)

# A power of the inner products: x (I, C), y (J, C) give k (I, J).
# Source: sklearn.metrics.pairwise.polynomial_kernel (gamma = 1/C by default)
polynomial_kernel(x, y, gamma=1, coef0=1, degree=3): k[i,j] = (gamma*sum(x[i,c]*y[j,c], c) + coef0)**degree

# The hyperbolic tangent of the inner products: x (I, C), y (J, C) give k (I, J).
# Source: sklearn.metrics.pairwise.sigmoid_kernel (gamma = 1/C by default)
sigmoid_kernel(x, y, gamma=1, coef0=1): k[i,j] = tanh(gamma*sum(x[i,c]*y[j,c], c) + coef0)

# The cosines of the angles between all rows: x (I, C), y (J, C), without rows of zeros, give k (I, J).
# Source: sklearn.metrics.pairwise.cosine_similarity
cosine_kernel(x, y):
    a[i] = sqrt(sum(x[i,c]**2, c))
    b[j] = sqrt(sum(y[j,c]**2, c))
    k[i,j] = sum(x[i,c]*y[j,c], c)/(a[i]*b[j])

# The Gaussian of the distances: x (I, C), y (J, C) give k (I, J).
# Source: sklearn.metrics.pairwise.rbf_kernel (gamma = 1/C by default)
rbf_kernel(x, y, gamma=1): k[i,j] = exp(-gamma*sum((x[i,c] - y[j,c])**2, c))

# The Gaussian of the distances, with a learned length for each axis and a learned scale: x (I, C), y (J, C), length (C,), scale a number.
# Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, eq. 5.1 and 5.2 (automatic relevance determination)
ard_kernel(x, y, *, length, scale): k[i,j] = scale**2*exp(-sum(((x[i,c] - y[j,c])/length[c])**2, c)/2)

# The exponential of the sums of absolute differences: x (I, C), y (J, C) give k (I, J).
# Kink: where two elements are equal the derivative is 0.
# Source: sklearn.metrics.pairwise.laplacian_kernel (gamma = 1/C by default)
laplacian_kernel(x, y, gamma=1): k[i,j] = exp(-gamma*sum(abs(x[i,c] - y[j,c]), c))

# The exponential of the distances: x (I, C), y (J, C) give k (I, J). Its gradient at two equal rows is not defined.
# Source: Rasmussen and Williams 2006, eq. 4.18; sklearn.gaussian_process.kernels.Matern(nu=0.5)
matern12_kernel(x, y, length=1): k[i,j] = exp(-sqrt(sum((x[i,c] - y[j,c])**2, c))/length)

# Once differentiable functions: x (I, C), y (J, C) give k (I, J). Its gradient at two equal rows is not computed.
# Source: Rasmussen and Williams 2006, eq. 4.17; sklearn.gaussian_process.kernels.Matern(nu=1.5)
matern32_kernel(x, y, length=1):
    r[i,j] = sqrt(3*sum((x[i,c] - y[j,c])**2, c))/length
    k[i,j] = (1 + r[i,j])*exp(-r[i,j])

# Twice differentiable functions: x (I, C), y (J, C) give k (I, J). Its gradient at two equal rows is not computed.
# Source: Rasmussen and Williams 2006, eq. 4.17; sklearn.gaussian_process.kernels.Matern(nu=2.5)
matern52_kernel(x, y, length=1):
    r[i,j] = sqrt(5*sum((x[i,c] - y[j,c])**2, c))/length
    k[i,j] = (1 + r[i,j] + r[i,j]**2/3)*exp(-r[i,j])

# A mixture of Gaussians of all lengths: x (I, C), y (J, C) give k (I, J).
# Source: Rasmussen and Williams 2006, eq. 4.19; sklearn.gaussian_process.kernels.RationalQuadratic
rational_quadratic_kernel(x, y, length=1, alpha=1): k[i,j] = (1 + sum((x[i,c] - y[j,c])**2, c)/(2*alpha*length**2))**(-alpha)

# Functions that repeat themselves along each axis: x (I, C), y (J, C) give k (I, J).
# Source: Rasmussen and Williams 2006, eq. 4.31; sklearn.gaussian_process.kernels.ExpSineSquared (for C = 1)
periodic_kernel(x, y, length=1, period=1): k[i,j] = exp(-2*sum(sin(pi*(x[i,c] - y[j,c])/period)**2, c)/length**2)

# The heavy tails of Student's distribution with one degree of freedom: x (I, C), y (J, C) give k (I, J).
# Source: van der Maaten and Hinton 2008, Visualizing data using t-SNE, eq. 4 (before it is normalized)
cauchy_kernel(x, y, length=1): k[i,j] = 1/(1 + sum((x[i,c] - y[j,c])**2, c)/length**2)

# One over the root of the squared distances: x (I, C), y (J, C) give k (I, J).
# Source: Micchelli 1986; Gorham and Mackey 2017, Measuring sample quality with kernels
inverse_multiquadric_kernel(x, y, c0=1): k[i,j] = 1/sqrt(sum((x[i,c] - y[j,c])**2, c) + c0**2)

# What a Gaussian kernel machine predicts at the rows of x, by weights of the rows of y: x (I, C), y (J, C), a (J,) give f (I,).
# Source: Broomhead and Lowe 1988, Multivariable functional interpolation and adaptive networks (radial basis functions)
kernel_machine(x, y, *, a, gamma=1): f[i] = sum(a[j]*exp(-gamma*sum((x[i,c] - y[j,c])**2, c)), j)

# A mean of values weighted by a Gaussian of the distances: places x (I, C), samples y (J, C) with values v (J, E) give f (I, E).
# Source: Nadaraya 1964; Watson 1964
kernel_regression(x, y, v, gamma=1):
    s[i,j] = -gamma*sum((x[i,c] - y[j,c])**2, c)
    f[i,e] = sum(softmax(s)[i,j]*v[j,e], j)
"""
