"""Layers that are linear in each of their inputs, and what is built of them."""

LAYERS = """
# A matrix product and a bias along the last axis: x (..., I), W (I, O), b (O,) give y (..., O).
# Source: Saito, Deep Learning from Scratch, ch. 5.6 (Affine); torch.nn.Linear (whose weight is W transposed)
affine(x, *, W, b): y[...,o] = sum(x[...,i]*W[i,o], i) + b[o]

# The affine layer with its weight stored transposed: x (..., I), W (O, I), b (O,) give y (..., O).
# Source: torch.nn.Linear
linear(x, *, W, b): y[...,o] = sum(x[...,i]*W[o,i], i) + b[o]

# A matrix product along the last axis, without a bias: x (..., I), W (I, O) give y (..., O).
# Source: Saito, Deep Learning from Scratch, ch. 5.6; torch.nn.Linear(bias=False) (whose weight is W transposed)
projection(x, *, W): y[...,o] = sum(x[...,i]*W[i,o], i)

# The product of two matrices: a (I, J), b (J, K) give y (I, K).
# Source: torch.matmul, of two matrices
matmul(a, b): y[i,k] = sum(a[i,j]*b[j,k], j)

# The products of two stacks of matrices, one by one: a (..., I, J), b (..., J, K) give y (..., I, K).
# Source: torch.bmm; torch.matmul
bmm(a, b): y[...,i,k] = sum(a[...,i,j]*b[...,j,k], j)

# A matrix times a vector: A (I, J), x (J,) give y (I,).
# Source: torch.mv
mv(A, x): y[i] = sum(A[i,j]*x[j], j)

# A matrix and a matrix product, added with weights: c (I, K), a (I, J), b (J, K) give y (I, K).
# Source: Dongarra et al. 1990 (GEMM); torch.addmm
addmm(c, a, b, beta=1, alpha=1): y[i,k] = beta*c[i,k] + alpha*sum(a[i,j]*b[j,k], j)

# The inner product of two vectors: a and b (I,) give a number.
# Source: torch.dot
dot(a, b): y = sum(a[i]*b[i], i)

# The outer product of two vectors: a (I,), b (J,) give y (I, J).
# Source: torch.outer
outer(a, b): y[i,j] = a[i]*b[j]

# A matrix product with each of two inputs, one matrix per output: x1 (..., I), x2 (..., J), W (O, I, J), b (O,) give y (..., O).
# Source: torch.nn.Bilinear
bilinear(x1, x2, *, W, b): y[...,o] = sum(x1[...,i]*W[o,i,j]*x2[...,j], i, j) + b[o]

# Rows of a table by their numbers: integers t of any shape (...), W (V, D) give y (..., D).
# Source: Bengio et al. 2003; torch.nn.Embedding
embedding(t, *, W): y[...,d] = W[t[...],d]

# The mean of the rows of a table that each sample names: integers t (N, L), W (V, D) give y (N, D).
# Source: Joulin et al. 2017, Bag of tricks for efficient text classification; torch.nn.EmbeddingBag(mode="mean")
embedding_bag(t, *, W): y[n,d] = mean(W[t[n,l],d], l)

# An affine layer whose matrix is a product of two thin ones: x (..., I), U (I, R), V (R, O), b (O,) give y (..., O).
# Source: Sainath et al. 2013, Low-rank matrix factorization for deep neural network training
low_rank(x, *, U, V, b):
    h[...,r] = sum(x[...,i]*U[i,r], i)
    y[...,o] = sum(h[...,r]*V[r,o], r) + b[o]

# An affine layer and a correction of low rank to its matrix: x (..., I), W (I, O), b (O,), A (I, R), B (R, O) give y (..., O).
# Source: Hu et al. 2022, LoRA, eq. 3 (with matrices from the right)
lora(x, *, W, b, A, B, alpha=16):
    h[...,r] = sum(x[...,i]*A[i,r], i)
    y[...,o] = sum(x[...,i]*W[i,o], i) + b[o] + alpha/size(r)*sum(h[...,r]*B[r,o], r)

# The largest of K affine layers, element by element: x (..., I), W (K, I, O), b (K, O) give y (..., O).
# Kink: where two layers are equal the first counts.
# Source: Goodfellow et al. 2013, Maxout networks, ch. 3
maxout(x, *, W, b):
    z[...,k,o] = sum(x[...,i]*W[k,i,o], i) + b[k,o]
    y[...,o] = max(z[...,k,o], k)

# A linear model with all products of two features, their matrix factorised: x (N, I), w0 a number, w (I,), V (I, F) give y (N,).
# Source: Rendle 2010, Factorization machines, eq. 1 and lemma 3.1
factorization_machine(x, *, w0, w, V):
    s[n,f] = sum(x[n,i]*V[i,f], i)
    y[n] = w0 + sum(x[n,i]*w[i], i) + sum(s[n,f]**2 - sum(x[n,i]**2*V[i,f]**2, i), f)/2

# One cross of the first input x0 with the current one: x0 and x (..., I), w and b (I,) give y (..., I).
# Source: Wang et al. 2017, Deep and cross network for ad click predictions, eq. 3
cross_layer(x0, x, *, w, b): y[...,i] = x0[...,i]*sum(x[...,j]*w[j], j) + b[i] + x[...,i]

# Feature-wise linear modulation of a picture: x (N, C, H, W), gamma and beta (N, C), which another network computes, give y (N, C, H, W).
# Source: Perez et al. 2018, FiLM, eq. 2
film(x, gamma, beta): y[n,c,h,w] = gamma[n,c]*x[n,c,h,w] + beta[n,c]

# A factor for each channel, which starts small, on a residual branch: x (..., D), gamma (D,) give y (..., D).
# Source: Touvron et al. 2021, Going deeper with image transformers (LayerScale)
layer_scale(x, *, gamma): y[...,d] = gamma[d]*x[...,d]

# A convolution by 1 x 1, an affine layer over the channels of each pixel: x (N, C, H, W), W (O, C), b (O,) give y (N, O, H, W).
# Source: Lin, Chen and Yan 2014, Network in network; torch.nn.Conv2d(kernel_size=1) (whose weight is (O, C, 1, 1))
pointwise_conv2d(x, *, W, b): y[n,o,h,w] = sum(x[n,c,h,w]*W[o,c], c) + b[o]
"""
