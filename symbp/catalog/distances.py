"""Distances and similarities of two vectors, and of all rows of two matrices.

Vectors run along the last axis: x and y (..., I) give one number (...) each.
"""

LAYERS = """
# The sum of the squared differences: x and y (..., I) give d (...).
# Source: scipy.spatial.distance.sqeuclidean
squared_euclidean_distance(x, y): d[...] = sum((x[...,i] - y[...,i])**2, i)

# The length of the difference: x and y (..., I) give d (...). Its gradient where x = y is not defined.
# Source: torch.linalg.vector_norm(x - y, dim=-1)
euclidean_distance(x, y): d[...] = sqrt(sum((x[...,i] - y[...,i])**2, i))

# The length of the difference, to each of whose elements eps is added: x and y (..., I) give d (...).
# Source: torch.nn.PairwiseDistance
pairwise_distance(x, y, eps=1e-6): d[...] = sqrt(sum((x[...,i] - y[...,i] + eps)**2, i))

# The length of the difference with a weight for each axis: x and y (..., I), w (I,), not negative, give d (...).
# Source: scipy.spatial.distance.euclidean(w=w)
weighted_euclidean_distance(x, y, *, w): d[...] = sqrt(sum(w[i]*(x[...,i] - y[...,i])**2, i))

# The sum of the magnitudes of the differences: x and y (..., I) give d (...).
# Kink: where two elements are equal the derivative is 0.
# Source: scipy.spatial.distance.cityblock; torch.linalg.vector_norm(x - y, ord=1, dim=-1)
manhattan_distance(x, y): d[...] = sum(abs(x[...,i] - y[...,i]), i)

# The largest magnitude of the differences: x and y (..., I) give d (...).
# Kink: of several largest the first counts; where x = y the derivative is 0.
# Source: scipy.spatial.distance.chebyshev
chebyshev_distance(x, y):
    a[...,i] = abs(x[...,i] - y[...,i])
    d[...] = max(a[...,i], i)

# The p-th root of the sum of the p-th powers of the differences: x and y (..., I) give d (...).
# Source: scipy.spatial.distance.minkowski; torch.linalg.vector_norm(x - y, ord=p, dim=-1)
minkowski_distance(x, y, p=3): d[...] = sum(abs(x[...,i] - y[...,i])**p, i)**(1/p)

# The cosine of the angle between two vectors, each no shorter than eps: x and y (..., I) give s (...).
# Kink: at the length eps the length counts; the gradient at a vector of zeros is not defined.
# Source: torch.nn.CosineSimilarity(dim=-1)
cosine_similarity(x, y, eps=1e-8):
    a[...] = sqrt(sum(x[...,i]**2, i))
    b[...] = sqrt(sum(y[...,i]**2, i))
    s[...] = sum(x[...,i]*y[...,i], i)/(maximum(a[...], eps)*maximum(b[...], eps))

# One less the cosine of the angle between two vectors: x and y (..., I) give d (...).
# Source: scipy.spatial.distance.cosine
cosine_distance(x, y): d[...] = 1 - cosine_similarity(x, y)[...]

# The sum of the differences relative to the magnitudes: x and y (..., I) give d (...).
# Kink: where two elements are equal the derivative is 0, and so it is at an element 0.
# Source: Lance and Williams 1967; scipy.spatial.distance.canberra
canberra_distance(x, y): d[...] = sum(abs(x[...,i] - y[...,i])/(abs(x[...,i]) + abs(y[...,i])), i)

# The sum of the differences relative to that of the sums: x and y (..., I) give d (...).
# Kink: where two elements are equal, or opposite, the derivative is 0.
# Source: Bray and Curtis 1957; scipy.spatial.distance.braycurtis
bray_curtis_distance(x, y): d[...] = sum(abs(x[...,i] - y[...,i]), i)/sum(abs(x[...,j] + y[...,j]), j)

# Half the sum of the squared differences relative to the sums: histograms p and q (..., I), positive, give d (...).
# Source: Pele and Werman 2010, The quadratic-chi histogram distance family
chi_squared_distance(p, q): d[...] = sum((p[...,i] - q[...,i])**2/(p[...,i] + q[...,i]), i)/2

# The distance of the roots of two distributions, at most 1: p and q (..., I), positive, give d (...).
# Source: Hellinger 1909; Le Cam and Yang, Asymptotics in Statistics, 2000
hellinger_distance(p, q): d[...] = sqrt(sum((sqrt(p[...,i]) - sqrt(q[...,i]))**2, i)/2)

# The distance of two points of the hyperbolic unit ball, arcosh(1 + 2u/(a b)) by its half angle: x and y (..., I), shorter than 1.
# Source: Nickel and Kiela 2017, Poincare embeddings for learning hierarchical representations, eq. 1
poincare_distance(x, y):
    u[...] = sum((x[...,i] - y[...,i])**2, i)
    a[...] = 1 - sum(x[...,i]**2, i)
    b[...] = 1 - sum(y[...,i]**2, i)
    d[...] = 2*asinh(sqrt(u[...]/(a[...]*b[...])))

# The distance of two points of a sphere along its surface, by latitude and longitude in radians; by default the earth's, in kilometres.
# Source: Sinnott 1984, Virtues of the haversine; sklearn.metrics.pairwise.haversine_distances (of radius 1)
haversine_distance(lat1, lon1, lat2, lon2, radius=6371):
    h = sin((lat2 - lat1)/2)**2 + cos(lat1)*cos(lat2)*sin((lon2 - lon1)/2)**2
    d = 2*radius*asin(sqrt(h))

# The distance of every row of one matrix to every row of another: x (I, C), y (J, C) give d (I, J). Its gradient at 0 is not defined.
# Source: torch.cdist
cdist(x, y): d[i,j] = sqrt(sum((x[i,c] - y[j,c])**2, c))

# The squared distance of every row of one matrix to every row of another: x (I, C), y (J, C) give d (I, J).
# Source: scipy.spatial.distance.cdist(metric="sqeuclidean")
cdist_squared(x, y): d[i,j] = sum((x[i,c] - y[j,c])**2, c)

# The sum of the magnitudes of the differences, of every row with every row: x (I, C), y (J, C) give d (I, J).
# Kink: where two elements are equal the derivative is 0.
# Source: torch.cdist(p=1)
cdist_manhattan(x, y): d[i,j] = sum(abs(x[i,c] - y[j,c]), c)
"""
