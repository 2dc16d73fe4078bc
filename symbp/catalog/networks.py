"""Small networks made of the other layers, as one definition each."""

LAYERS = """
# One sigmoid neuron with a squared error: x and w (I,), t a number.
# Source: the notes on backpropagation after Saito, Deep Learning from Scratch
neuron(x, t, *, w):
    z = sum(x[i]*w[i], i)
    a = sigmoid(z)
    loss = (t - a)**2/2

# A row of sigmoid neurons: x (..., I), W (I, O), b (O,) give a (..., O).
# Source: Saito, Deep Learning from Scratch, ch. 3.4
neurons(x, *, W, b):
    z = affine(x, W, b)
    a[...,o] = sigmoid(z[...,o])

# A network with one hidden layer of sigmoids and softmax with loss: x (N, I), integer labels t (N,).
# W1 (I, H), b1 (H,), W2 (H, K), b2 (K,).
# Source: Saito, Deep Learning from Scratch, ch. 4.5 and 5.7 (TwoLayerNet)
two_layer_net(x, t, *, W1, b1, W2, b2):
    z1 = affine(x, W1, b1)
    a1[n,h] = sigmoid(z1[n,h])
    z2 = affine(a1, W2, b2)
    L = cross_entropy(z2, t)

# A network of three affine layers with relu between them and softmax with loss: x (N, I), integer labels t (N,).
# W1 (I, H), b1 (H,), W2 (H, M), b2 (M,), W3 (M, K), b3 (K,).
# Source: Saito, Deep Learning from Scratch, ch. 6 (MultiLayerNet)
multi_layer_net(x, t, *, W1, b1, W2, b2, W3, b3):
    z1 = affine(x, W1, b1)
    a1[n,h] = relu(z1[n,h])
    z2 = affine(a1, W2, b2)
    a2[n,h] = relu(z2[n,h])
    z3 = affine(a2, W3, b3)
    L = cross_entropy(z3, t)

# A convolutional network: convolution, relu, pooling, affine, softmax with loss; images x (N, C, H, W), integer labels t (N,).
# w (O, C, P, Q), b (O,), V (O, I, J, K), d (K,), where I and J are the positions that pooling leaves.
# Source: LeCun et al. 1998; Saito, Deep Learning from Scratch, ch. 7.5 (SimpleConvNet)
simple_conv_net(x, t, *, w, b, V, d):
    c = conv2d(x, w, b)
    a[n,o,i,j] = relu(c[n,o,i,j])
    p = max_pool2d(a)
    z[n,k] = sum(p[n,o,i,j]*V[o,i,j,k], o, i, j) + d[k]
    L = cross_entropy(z, t)

# A transformer block that normalizes before each part: x (N, T, C) plus causal attention with H heads, plus two affine layers with gelu.
# Wq, Wk, Wv (C, H, D), Wo (H, D, C), bo (C,), W1 (C, F), b1 (F,), W2 (F, C), b2 (C,); g1, c1, g2, c2 (C,) scale and shift the norms.
# Source: Vaswani et al. 2017; Radford et al. 2019 (GPT-2)
transformer_block(x, *, g1, c1, Wq, Wk, Wv, Wo, bo, g2, c2, W1, b1, W2, b2):
    u = layer_norm(x, g1, c1)
    q[n,h,t,d] = sum(u[n,t,c]*Wq[c,h,d], c)
    k[n,h,t,d] = sum(u[n,t,c]*Wk[c,h,d], c)
    v[n,h,t,d] = sum(u[n,t,c]*Wv[c,h,d], c)
    s[n,h,i,j] = where(j <= i, sum(q[n,h,i,d]*k[n,h,j,d], d)/sqrt(size(d)), -inf)
    p = softmax(s)
    o[n,h,i,d] = sum(p[n,h,i,j]*v[n,h,j,d], j)
    r[n,t,c] = x[n,t,c] + sum(o[n,h,t,d]*Wo[h,d,c], h, d) + bo[c]
    w = layer_norm(r, g2, c2)
    m = affine(w, W1, b1)
    a[n,t,f] = gelu(m[n,t,f])
    e = affine(a, W2, b2)
    y[n,t,c] = r[n,t,c] + e[n,t,c]

# A small GPT of two blocks: tokens t (N, T) and the ones that follow, s (N, T), all integers; the mean cross entropy of the predictions.
# E (V, C) embeds the tokens, P (T, C) their positions; R (C, V) gives the logits.
# The parameters of each block are those of transformer_block.
# Source: Radford et al. 2019 (GPT-2)
gpt(t, s, *, E, P,
    g1, c1, Wq1, Wk1, Wv1, Wo1, bo1, f1, d1, V1, b1, U1, a1,
    g2, c2, Wq2, Wk2, Wv2, Wo2, bo2, f2, d2, V2, b2, U2, a2,
    g, c, R):
    x0[n,i,k] = E[t[n,i],k] + P[i,k]
    h1 = transformer_block(x0, g1, c1, Wq1, Wk1, Wv1, Wo1, bo1, f1, d1, V1, b1, U1, a1)
    h2 = transformer_block(h1, g2, c2, Wq2, Wk2, Wv2, Wo2, bo2, f2, d2, V2, b2, U2, a2)
    y = layer_norm(h2, g, c)
    z[n,i,v] = sum(y[n,i,k]*R[k,v], k)
    L = -mean(log(softmax(z)[n, i, s[n,i]]), n, i)
"""
