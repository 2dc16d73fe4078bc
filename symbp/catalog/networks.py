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
"""
