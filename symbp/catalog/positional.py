"""What tells attention where in the sequence a vector stands."""

LAYERS = """
# Adds sines (p = 0) and cosines (p = 1) of the position t, of ever lower frequency: x (..., T, D/2, 2), each vector's D features in pairs.
# Source: Vaswani et al. 2017, ch. 3.5
sinusoidal_encoding(x, base=10000): y[...,t,i,p] = x[...,t,i,p] + where(p == 0, sin(t/base**(i/size(i))), cos(t/base**(i/size(i))))

# Adds sines (p = 0) and cosines (p = 1) of a time t that any real number may be, a step of a diffusion: x (N, D/2, 2), t (N,).
# Source: Ho, Jain and Abbeel 2020, Denoising diffusion probabilistic models, appendix B; Vaswani et al. 2017, ch. 3.5
timestep_encoding(x, t, base=10000): y[n,i,p] = x[n,i,p] + where(p == 0, sin(t[n]/base**(i/size(i))), cos(t[n]/base**(i/size(i))))

# Turns every pair of features by an angle that grows with the position t: x (..., T, 2, D/2), the first half of the features paired with
# the second, gives y of the same shape. The product of two turned vectors depends on the distance of their positions alone.
# Source: Su et al. 2021, RoFormer, eq. 34 (with the halves as an axis, as GPT-NeoX has them)
rotary_embedding(x, base=10000):
    y[...,t,p,i] = x[...,t,p,i]*cos(t/base**(i/size(i))) + where(p == 0, -x[...,t,1,i], x[...,t,0,i])*sin(t/base**(i/size(i)))

# The same turn, by cosines c and sines s that are given: x (..., T, 2, D/2), c and s (T, D/2).
# Source: Su et al. 2021, RoFormer, eq. 34
rotary_embedding_by_table(x, c, s): y[...,t,p,i] = x[...,t,p,i]*c[t,i] + where(p == 0, -x[...,t,1,i], x[...,t,0,i])*s[t,i]

# Adds a learned vector for each position: x (..., T, D), P (T, D).
# Source: Gehring et al. 2017, Convolutional sequence to sequence learning, ch. 3.1
learned_positional_embedding(x, *, P): y[...,t,d] = x[...,t,d] + P[t,d]

# The vectors of tokens plus those of their positions: integers t (N, T), W (V, D), P (T, D) give y (N, T, D).
# Source: Radford et al. 2018, Improving language understanding by generative pre-training, eq. 2
token_and_position_embedding(t, *, W, P): y[n,i,d] = W[t[n,i],d] + P[i,d]

# Adds to the scores of H heads what grows linearly with the distance, by slopes 2**(-8/H), 2**(-16/H), ..., 2**(-8): s (..., H, T, T).
# Source: Press, Smith and Lewis 2022, Train short, test long, ch. 3 (ALiBi)
alibi_bias(s): y[...,h,i,j] = s[...,h,i,j] - (i - j)/2**(8*(h + 1)/size(h))

# Adds a learned number for each head and each kind of distance: scores s (..., H, T, S), integers r (T, S) that say which, B (H, R).
# Source: Raffel et al. 2020, Exploring the limits of transfer learning, ch. 2.1; Liu et al. 2021, Swin Transformer, eq. 4
relative_position_bias(s, r, *, B): y[...,h,i,j] = s[...,h,i,j] + B[h,r[i,j]]

# Cosines and sines of random or learned projections: x (..., D), B (D, M) give c and s (..., M).
# Source: Tancik et al. 2020, Fourier features let networks learn high frequency functions, eq. 5
fourier_features(x, *, B):
    a[...,m] = 2*pi*sum(x[...,d]*B[d,m], d)
    c[...,m] = cos(a[...,m])
    s[...,m] = sin(a[...,m])

# A vector of time, its first element linear and the others periodic: t (...), w and b (K,) give y (..., K).
# Source: Kazemi et al. 2019, Time2Vec, eq. 1
time2vec(t, *, w, b): y[...,k] = where(k == 0, w[k]*t[...] + b[k], sin(w[k]*t[...] + b[k]))
"""
