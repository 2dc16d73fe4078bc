"""Recurrences: cells, and the same over sequences, time first as in PyTorch; sums and products along an axis.

Gates are an axis of their own: W (D, 4, K) holds what PyTorch stacks in the rows of weight_ih.
"""

LAYERS = """
# One step of a simple recurrent network: x (N, D), h (N, K), W (D, K), U (K, K), b (K,).
# Source: Elman 1990; torch.nn.RNNCell (with one bias)
rnn_cell(x, h, *, W, U, b): y[n,k] = tanh(sum(x[n,d]*W[d,k], d) + sum(h[n,j]*U[j,k], j) + b[k])

# One step of a long short-term memory: x (N, D), h (N, K), c (N, K), W (D, 4, K), U (K, 4, K), b (4, K); gates input, forget, cell, output.
# Source: Hochreiter and Schmidhuber 1997; Gers et al. 2000; torch.nn.LSTMCell (with one bias)
lstm_cell(x, h, c, *, W, U, b):
    z[n,q,k] = sum(x[n,d]*W[d,q,k], d) + sum(h[n,j]*U[j,q,k], j) + b[q,k]
    i[n,k] = sigmoid(z[n,0,k])
    f[n,k] = sigmoid(z[n,1,k])
    g[n,k] = tanh(z[n,2,k])
    o[n,k] = sigmoid(z[n,3,k])
    s[n,k] = f[n,k]*c[n,k] + i[n,k]*g[n,k]
    h_next[n,k] = o[n,k]*tanh(s[n,k])
    c_next[n,k] = s[n,k]

# One step of a gated recurrent unit: x (N, D), h (N, K), W (D, 3, K), U (K, 3, K), b (3, K), e (3, K); gates reset, update, new.
# Source: Cho et al. 2014; torch.nn.GRUCell (b = bias_ih, e = bias_hh)
gru_cell(x, h, *, W, U, b, e):
    a[n,q,k] = sum(x[n,d]*W[d,q,k], d) + b[q,k]
    s[n,q,k] = sum(h[n,j]*U[j,q,k], j) + e[q,k]
    r[n,k] = sigmoid(a[n,0,k] + s[n,0,k])
    z[n,k] = sigmoid(a[n,1,k] + s[n,1,k])
    g[n,k] = tanh(a[n,2,k] + r[n,k]*s[n,2,k])
    y[n,k] = (1 - z[n,k])*g[n,k] + z[n,k]*h[n,k]

# A simple recurrent network over a sequence: x (T, N, D), h0 (N, K) give h (T, N, K).
# Source: Elman 1990; Werbos 1990 (backpropagation through time); torch.nn.RNN (with one bias)
rnn(x, h0, *, W, U, b):
    h[-1,n,k] = h0[n,k]
    h[t,n,k] = tanh(sum(x[t,n,d]*W[d,k], d) + sum(h[t-1,n,j]*U[j,k], j) + b[k])

# A long short-term memory over a sequence: x (T, N, D), h0 and c0 (N, K) give h (T, N, K).
# Source: Hochreiter and Schmidhuber 1997; Gers et al. 2000; torch.nn.LSTM (with one bias)
lstm(x, h0, c0, *, W, U, b):
    h[-1,n,k] = h0[n,k]
    c[-1,n,k] = c0[n,k]
    z[t,n,q,k] = sum(x[t,n,d]*W[d,q,k], d) + sum(h[t-1,n,j]*U[j,q,k], j) + b[q,k]
    i[t,n,k] = sigmoid(z[t,n,0,k])
    f[t,n,k] = sigmoid(z[t,n,1,k])
    g[t,n,k] = tanh(z[t,n,2,k])
    o[t,n,k] = sigmoid(z[t,n,3,k])
    c[t,n,k] = f[t,n,k]*c[t-1,n,k] + i[t,n,k]*g[t,n,k]
    h[t,n,k] = o[t,n,k]*tanh(c[t,n,k])

# A gated recurrent unit over a sequence: x (T, N, D), h0 (N, K) give h (T, N, K).
# Source: Cho et al. 2014; torch.nn.GRU (b = bias_ih, e = bias_hh)
gru(x, h0, *, W, U, b, e):
    h[-1,n,k] = h0[n,k]
    a[t,n,q,k] = sum(x[t,n,d]*W[d,q,k], d) + b[q,k]
    s[t,n,q,k] = sum(h[t-1,n,j]*U[j,q,k], j) + e[q,k]
    r[t,n,k] = sigmoid(a[t,n,0,k] + s[t,n,0,k])
    z[t,n,k] = sigmoid(a[t,n,1,k] + s[t,n,1,k])
    g[t,n,k] = tanh(a[t,n,2,k] + r[t,n,k]*s[t,n,2,k])
    h[t,n,k] = (1 - z[t,n,k])*g[t,n,k] + z[t,n,k]*h[t-1,n,k]

# The sums of the values so far along the last axis: x (..., T).
# Source: torch.cumsum
cumsum(x): y[...,t] = pad(y[...,t-1]) + x[...,t]

# The products of the values so far along the last axis: x (..., T).
# Source: torch.cumprod
cumprod(x):
    y[...,t] = x[...,t]*pad(y[...,t-1], 1)

# An exponential moving average along the first axis, from y0: x (T, N), y0 (N,).
# Source: Brown 1956 (exponential smoothing)
exponential_smoothing(x, y0, decay=0.9):
    y[-1,n] = y0[n]
    y[t,n] = decay*y[t-1,n] + (1 - decay)*x[t,n]

# A linear recurrence with a decay for each place, the heart of linear state-space models: a, x (T, N), h0 (N,).
# Source: Gu and Dao 2023 (Mamba, eq. 2a)
linear_recurrence(a, x, h0):
    h[-1,n] = h0[n]
    h[t,n] = a[t,n]*h[t-1,n] + x[t,n]
"""
