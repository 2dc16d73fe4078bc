"""Means of values, weighted by how well a query matches each key.

Queries are (..., T, D), keys (..., S, D), values (..., S, E); the leading axes are minibatch and heads, where nothing else is said.
Self-attention has T = S, cross-attention any two.
"""

LAYERS = """
# Scaled dot-product attention: q (..., T, D), k (..., S, D), v (..., S, E) give o (..., T, E).
# Source: Vaswani et al. 2017, eq. 1; torch.nn.functional.scaled_dot_product_attention
attention(q, k, v):
    s[...,i,j] = sum(q[...,i,d]*k[...,j,d], d)/sqrt(size(d))
    o[...,i,e] = sum(softmax(s)[...,i,j]*v[...,j,e], j)

# Attention that looks back only: query i sees the keys 0 .. i. q (..., T, D), k (..., S, D), v (..., S, E) give o (..., T, E).
# Source: Vaswani et al. 2017, ch. 3.2.3; torch.nn.functional.scaled_dot_product_attention(is_causal=True)
attention_causal(q, k, v):
    s[...,i,j] = where(j <= i, sum(q[...,i,d]*k[...,j,d], d)/sqrt(size(d)), -inf)
    o[...,i,e] = sum(softmax(s)[...,i,j]*v[...,j,e], j)

# Attention where the mask is true: q (..., T, D), k (..., S, D), v (..., S, E), booleans mask (..., T, S). No query may be without a key.
# Source: Vaswani et al. 2017, ch. 3.2.3; torch.nn.functional.scaled_dot_product_attention(attn_mask=mask)
attention_masked(q, k, v, mask):
    s[...,i,j] = where(mask[...,i,j], sum(q[...,i,d]*k[...,j,d], d)/sqrt(size(d)), -inf)
    o[...,i,e] = sum(softmax(s)[...,i,j]*v[...,j,e], j)

# Attention to sequences of unequal length, whose padding no query sees: q (N, H, T, D), k (N, H, S, D), v (N, H, S, E), and booleans
# mask (N, S), true where there is a key.
# Source: Vaswani et al. 2017, ch. 3.2.3; torch.nn.functional.scaled_dot_product_attention(attn_mask=mask[:, None, None, :])
attention_padded(q, k, v, mask):
    s[n,h,i,j] = where(mask[n,j], sum(q[n,h,i,d]*k[n,h,j,d], d)/sqrt(size(d)), -inf)
    o[n,h,i,e] = sum(softmax(s)[n,h,i,j]*v[n,h,j,e], j)

# Attention to the last few keys only: query i sees the keys i-width+1 .. i. q (..., T, D), k (..., S, D), v (..., S, E).
# Source: Beltagy, Peters and Cohan 2020, Longformer, ch. 3.1 (sliding window)
attention_window(q, k, v, width=2):
    s[...,i,j] = where(j <= i and i - j < width, sum(q[...,i,d]*k[...,j,d], d)/sqrt(size(d)), -inf)
    o[...,i,e] = sum(softmax(s)[...,i,j]*v[...,j,e], j)

# Attention with a learned number added to each score, a relative position bias: q (N, H, T, D), k (N, H, S, D), v (N, H, S, E),
# b (H, T, S).
# Source: Shaw, Uszkoreit and Vaswani 2018; Liu et al. 2021, Swin Transformer, eq. 4; torch.nn.functional.scaled_dot_product_attention
# (attn_mask=b)
attention_with_bias(q, k, v, *, b):
    s[n,h,i,j] = sum(q[n,h,i,d]*k[n,h,j,d], d)/sqrt(size(d)) + b[h,i,j]
    o[n,h,i,e] = sum(softmax(s)[n,h,i,j]*v[n,h,j,e], j)

# Causal attention whose scores fall with the distance, at a slope for each head: q (N, H, T, D), k (N, H, S, D), v (N, H, S, E),
# slope (H,).
# Source: Press, Smith and Lewis 2022, Train short, test long, ch. 3 (ALiBi)
attention_alibi(q, k, v, slope):
    s[n,h,i,j] = where(j <= i, sum(q[n,h,i,d]*k[n,h,j,d], d)/sqrt(size(d)) - slope[h]*(i - j), -inf)
    o[n,h,i,e] = sum(softmax(s)[n,h,i,j]*v[n,h,j,e], j)

# Attention with a learned vector for each kind of distance, matched with the query: q (N, H, T, D), k (N, H, S, D), v (N, H, S, E),
# integers r (T, S) that say which, R (K, D).
# Source: Shaw, Uszkoreit and Vaswani 2018, Self-attention with relative position representations, eq. 5
attention_relative(q, k, v, r, *, R):
    s[n,h,i,j] = (sum(q[n,h,i,d]*k[n,h,j,d], d) + sum(q[n,h,i,d]*R[r[i,j],d], d))/sqrt(size(d))
    o[n,h,i,e] = sum(softmax(s)[n,h,i,j]*v[n,h,j,e], j)

# Attention whose scores stay between -cap and cap: q (..., T, D), k (..., S, D), v (..., S, E).
# Source: Gemma Team 2024, Gemma 2, ch. 2 (logit soft-capping)
attention_soft_cap(q, k, v, cap=50):
    s[...,i,j] = sum(q[...,i,d]*k[...,j,d], d)/sqrt(size(d))
    c[...,i,j] = cap*tanh(s[...,i,j]/cap)
    o[...,i,e] = sum(softmax(c)[...,i,j]*v[...,j,e], j)

# Attention by the cosine of query and key, at a learned temperature tau: q (..., T, D), k (..., S, D), v (..., S, E), tau a number.
# Source: Liu et al. 2022, Swin Transformer V2, eq. 2
attention_cosine(q, k, v, *, tau):
    a[...,i] = sqrt(sum(q[...,i,d]**2, d))
    b[...,j] = sqrt(sum(k[...,j,d]**2, d))
    s[...,i,j] = sum(q[...,i,d]*k[...,j,d], d)/(a[...,i]*b[...,j])/tau
    o[...,i,e] = sum(softmax(s)[...,i,j]*v[...,j,e], j)

# Attention with a sigmoid for each score in place of softmax: q (..., T, D), k (..., S, D), v (..., S, E); b is best -log(S).
# Source: Ramapuram et al. 2024, Theory, analysis, and best practices for sigmoid self-attention
attention_sigmoid(q, k, v, b=0):
    s[...,i,j] = sum(q[...,i,d]*k[...,j,d], d)/sqrt(size(d)) + b
    o[...,i,e] = sum(sigmoid(s[...,i,j])*v[...,j,e], j)

# Attention with features elu(x) + 1 in place of exp, in time linear in T and S: q (..., T, D), k (..., S, D), v (..., S, E).
# Source: Katharopoulos et al. 2020, Transformers are RNNs, eq. 4 to 7 (with eps in the denominator, as their code has it)
linear_attention(q, k, v, eps=1e-6):
    a[...,i,d] = where(q[...,i,d] > 0, 1 + q[...,i,d], exp(q[...,i,d]))
    b[...,j,d] = where(k[...,j,d] > 0, 1 + k[...,j,d], exp(k[...,j,d]))
    s[...,d,e] = sum(b[...,j,d]*v[...,j,e], j)
    z[...,d] = sum(b[...,j,d], j)
    o[...,i,e] = sum(a[...,i,d]*s[...,d,e], d)/(sum(a[...,i,d]*z[...,d], d) + eps)

# Linear attention that looks back only, written as its matrix of weights: q (..., T, D), k (..., T, D), v (..., T, E).
# Source: Katharopoulos et al. 2020, Transformers are RNNs, eq. 8 (with eps in the denominator, as their code has it)
linear_attention_causal(q, k, v, eps=1e-6):
    a[...,i,d] = where(q[...,i,d] > 0, 1 + q[...,i,d], exp(q[...,i,d]))
    b[...,j,d] = where(k[...,j,d] > 0, 1 + k[...,j,d], exp(k[...,j,d]))
    s[...,i,j] = where(j <= i, sum(a[...,i,d]*b[...,j,d], d), 0)
    o[...,i,e] = sum(s[...,i,j]*v[...,j,e], j)/(sum(s[...,i,l], l) + eps)

# Attention whose score is a small network of query and key: q (..., T, D), k (..., S, C), v (..., S, E), W (D, H), U (C, H), w (H,).
# Source: Bahdanau, Cho and Bengio 2015, appendix A.1.2 (additive attention)
attention_additive(q, k, v, *, W, U, w):
    a[...,i,h] = sum(q[...,i,d]*W[d,h], d)
    b[...,j,h] = sum(k[...,j,c]*U[c,h], c)
    s[...,i,j] = sum(w[h]*tanh(a[...,i,h] + b[...,j,h]), h)
    o[...,i,e] = sum(softmax(s)[...,i,j]*v[...,j,e], j)

# Attention whose score has a matrix between query and key: q (..., T, D), k (..., S, C), v (..., S, E), W (D, C).
# Source: Luong, Pham and Manning 2015, ch. 3.1 (general)
attention_bilinear(q, k, v, *, W):
    p[...,i,c] = sum(q[...,i,d]*W[d,c], d)
    s[...,i,j] = sum(p[...,i,c]*k[...,j,c], c)
    o[...,i,e] = sum(softmax(s)[...,i,j]*v[...,j,e], j)

# Attention of many heads to one set of keys and values: q (N, H, T, D), k (N, S, D), v (N, S, E) give o (N, H, T, E).
# Source: Shazeer 2019, Fast transformer decoding, ch. 3; torch.nn.functional.scaled_dot_product_attention, k and v expanded
multi_query_attention(q, k, v):
    s[n,h,i,j] = sum(q[n,h,i,d]*k[n,j,d], d)/sqrt(size(d))
    o[n,h,i,e] = sum(softmax(s)[n,h,i,j]*v[n,j,e], j)

# Attention of G groups of heads, each to its own set of keys and values: q (N, G, H, T, D), k (N, G, S, D), v (N, G, S, E).
# Source: Ainslie et al. 2023, GQA; torch.nn.functional.scaled_dot_product_attention(enable_gqa=True) (groups and heads in one axis)
grouped_query_attention(q, k, v):
    s[n,g,h,i,j] = sum(q[n,g,h,i,d]*k[n,g,j,d], d)/sqrt(size(d))
    o[n,g,h,i,e] = sum(softmax(s)[n,g,h,i,j]*v[n,g,j,e], j)

# Self-attention with one head: x (..., T, C), Wq and Wk (C, D), Wv (C, E) give o (..., T, E).
# Source: Vaswani et al. 2017, ch. 3.2
self_attention(x, *, Wq, Wk, Wv):
    q = projection(x, Wq)
    k = projection(x, Wk)
    v = projection(x, Wv)
    o = attention(q, k, v)

# Self-attention with H heads, their matrices with the heads as an axis: x (N, T, C), Wq and Wk (H, C, D), bq and bk (H, D), Wv (H, C, E),
# bv (H, E), Wo (H, E, C), bo (C,) give y (N, T, C).
# Source: Vaswani et al. 2017, ch. 3.2.2; torch.nn.MultiheadAttention (whose matrices hold all heads, transposed)
multi_head_attention(x, *, Wq, bq, Wk, bk, Wv, bv, Wo, bo):
    q[n,h,i,d] = sum(x[n,i,c]*Wq[h,c,d], c) + bq[h,d]
    k[n,h,i,d] = sum(x[n,i,c]*Wk[h,c,d], c) + bk[h,d]
    v[n,h,i,e] = sum(x[n,i,c]*Wv[h,c,e], c) + bv[h,e]
    o = attention(q, k, v)
    y[n,i,c] = sum(o[n,h,i,e]*Wo[h,e,c], h, e) + bo[c]

# A sequence as one vector, the mean of its vectors weighted by a learned query: x (..., T, D), w (D,) give y (..., D).
# Source: Yang et al. 2016, Hierarchical attention networks, eq. 5 to 7 (without the hidden layer)
attention_pooling(x, *, w):
    s[...,t] = sum(x[...,t,d]*w[d], d)
    y[...,d] = sum(softmax(s)[...,t]*x[...,t,d], t)

# One step of a memory to the stored pattern nearest to the state: states q (..., T, D), patterns k (..., S, D) give o (..., T, D).
# Source: Ramsauer et al. 2021, Hopfield networks is all you need, eq. 3
hopfield(q, k, beta=1):
    s[...,i,j] = beta*sum(q[...,i,d]*k[...,j,d], d)
    o[...,i,d] = sum(softmax(s)[...,i,j]*k[...,j,d], j)

# Attention of the nodes of a graph to their neighbours: x (I, C), booleans edge (I, I), true where j is a neighbour of i (as it is of
# itself), W (C, F), a and b (F,) give y (I, F).
# Kink: at 0 the leaky relu has derivative 1.
# Source: Velickovic et al. 2018, Graph attention networks, eq. 3 and 4 (one head, without the last nonlinearity)
graph_attention(x, edge, *, W, a, b, slope=0.2):
    h[i,f] = sum(x[i,c]*W[c,f], c)
    p[i] = sum(h[i,f]*a[f], f)
    q[j] = sum(h[j,f]*b[f], f)
    u[i,j] = p[i] + q[j]
    s[i,j] = where(edge[i,j], maximum(u[i,j], slope*u[i,j]), -inf)
    y[i,f] = sum(softmax(s)[i,j]*h[j,f], j)
"""
