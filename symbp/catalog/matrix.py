"""Numbers and matrices made of matrices and vectors: matrix calculus."""

LAYERS = """
# The sum of the diagonal: A (I, I) gives a number.
# Source: torch.trace
trace(A): y = sum(A[i,i], i)

# The inner product of two matrices, tr(A^T B): A and B (I, J) give a number.
# Source: Petersen and Pedersen, The Matrix Cookbook, 2012, eq. 103
trace_product(A, B): y = sum(A[i,j]*B[i,j], i, j)

# The root of the sum of all squares: A (I, J) gives a number. Its gradient at A = 0 is not defined.
# Source: torch.linalg.matrix_norm
frobenius_norm(A): y = sqrt(sum(A[i,j]**2, i, j))

# x^T A x: x (I,), A (I, I) give a number. A need not be symmetric.
# Source: Petersen and Pedersen, The Matrix Cookbook, 2012, eq. 81
quadratic_form(x, A): y = sum(x[i]*A[i,j]*x[j], i, j)

# x^T A y: x (I,), A (I, J), y (J,) give a number.
# Source: Petersen and Pedersen, The Matrix Cookbook, 2012, eq. 70
bilinear_form(x, A, y): z = sum(x[i]*A[i,j]*y[j], i, j)

# x^T A x / x^T x, largest at the eigenvector of the largest eigenvalue of a symmetric A: A (I, I), x (I,) give a number.
# Source: Golub and Van Loan, Matrix Computations, 2013, ch. 8.1
rayleigh_quotient(A, x): y = sum(x[i]*A[i,j]*x[j], i, j)/sum(x[k]**2, k)

# The inner products of all columns, X^T X: X (N, I) gives G (I, I).
# Source: Gatys, Ecker and Bethge 2016, Image style transfer using convolutional neural networks, eq. 3
gram(X): G[i,j] = sum(X[n,i]*X[n,j], n)

# The covariance of the columns, N - 1 in the denominator: X (N, I) gives S (I, I).
# Source: torch.cov (of X transposed)
covariance(X):
    mu[i] = mean(X[n,i], n)
    S[i,j] = sum((X[n,i] - mu[i])*(X[n,j] - mu[j]), n)/(size(n) - 1)

# The distance of x from a mean, in units of deviation: x (..., I), mu (I,), the precision P (I, I) give d (...).
# Source: Mahalanobis 1936; scipy.spatial.distance.mahalanobis
mahalanobis_distance(x, mu, P):
    u[...,i] = x[...,i] - mu[i]
    d[...] = sqrt(sum(u[...,i]*P[i,j]*u[...,j], i, j))

# Half the squared length of A x - b: A (I, J), x (J,), b (I,) give a number. Its gradient in x is A^T (A x - b).
# Source: Boyd and Vandenberghe, Convex Optimization, 2004, ch. 1.2.1
least_squares(A, x, b): L = sum((sum(A[i,j]*x[j], j) - b[i])**2, i)/2

# Least squares with a penalty on the length of x: A (I, J), x (J,), b (I,) give a number.
# Source: Hoerl and Kennard 1970; sklearn.linear_model.Ridge
ridge_regression(A, x, b, penalty=0.1): L = sum((sum(A[i,j]*x[j], j) - b[i])**2, i)/2 + penalty/2*sum(x[k]**2, k)

# Half the squared error of a matrix as a product of two thin ones: X (I, J), U (I, K), V (K, J) give a number.
# Source: Koren, Bell and Volinsky 2009, Matrix factorization techniques for recommender systems
matrix_factorization(X, U, V): L = sum((X[i,j] - sum(U[i,k]*V[k,j], k))**2, i, j)/2

# The same, over the entries that are known: X (I, J), booleans known (I, J), U (I, K), V (K, J) give a number.
# Source: Koren, Bell and Volinsky 2009, eq. 2 (without the penalty)
masked_factorization(X, known, U, V): L = sum(where(known[i,j], (X[i,j] - sum(U[i,k]*V[k,j], k))**2, 0), i, j)/2

# The mean squared error of samples projected on the columns of W and back: X (N, I), W (I, K) give a number.
# Source: Baldi and Hornik 1989, Neural networks and principal component analysis
reconstruction_error(X, W):
    h[n,k] = sum(X[n,j]*W[j,k], j)
    L = mean(sum((X[n,i] - sum(W[i,k]*h[n,k], k))**2, i), n)

# How far the columns of W are from orthonormal, the squared length of W^T W - I: W (N, I) gives a number.
# Source: Brock et al. 2017, Neural photo editing with introspective adversarial networks
orthogonality_penalty(W): L = sum((sum(W[n,i]*W[n,j], n) - where(i == j, 1, 0))**2, i, j)

# How much values differ along the edges of a graph: values X (I, C), weights w (I, I) give a number.
# Source: Belkin and Niyogi 2003, Laplacian eigenmaps; Zhu, Ghahramani and Lafferty 2003
dirichlet_energy(X, w): E = sum(w[i,j]*sum((X[i,c] - X[j,c])**2, c), i, j)/4

# A X A^T: A (I, J), X (J, J) give Y (I, I), the covariance of A x where X is that of x.
# Source: Petersen and Pedersen, The Matrix Cookbook, 2012, ch. 6.2
congruence(A, X): Y[i,l] = sum(A[i,j]*X[j,k]*A[l,k], j, k)

# A B - B A: A and B (I, I) give C (I, I).
# Source: Hall, Lie Groups, Lie Algebras, and Representations, 2015, ch. 3.1
commutator(A, B): C[i,k] = sum(A[i,j]*B[j,k], j) - sum(B[i,j]*A[j,k], j)

# A A: A (I, I) gives Y (I, I).
# Source: torch.linalg.matrix_power(n=2)
matrix_square(A): Y[i,k] = sum(A[i,j]*A[j,k], j)

# The mean of a matrix and its transpose: A (I, I) gives S (I, I).
# Source: Horn and Johnson, Matrix Analysis, 2012, ch. 4.1
symmetric_part(A): S[i,j] = (A[i,j] + A[j,i])/2

# The mirror image of x in the plane at right angles to v: x (..., I), v (I,), not 0, give y (..., I).
# Source: Householder 1958; Golub and Van Loan, Matrix Computations, 2013, ch. 5.1
householder(x, v): y[...,i] = x[...,i] - 2*v[i]*sum(v[j]*x[...,j], j)/sum(v[k]**2, k)

# One step to the eigenvector of the largest eigenvalue: A (I, J), v (J,) give w (I,), of length 1.
# Source: Golub and Van Loan, Matrix Computations, 2013, ch. 7.3
power_iteration(A, v):
    u[i] = sum(A[i,j]*v[j], j)
    w[i] = u[i]/sqrt(sum(u[k]**2, k))

# A polynomial by its coefficients, from that of x**0 on: x (...), c (K,) give y (...).
# Source: numpy.polynomial.polynomial.polyval
polynomial(x, *, c): y[...] = sum(c[k]*x[...]**k, k)
"""
