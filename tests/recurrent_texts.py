"""Recurrences as people write them."""

from __future__ import annotations

RNN = """
rnn(x, h0, *, W, U, b):
    h[-1,n,k] = h0[n,k]
    h[t,n,k] = tanh(sum(x[t,n,d]*W[d,k], d) + sum(h[t-1,n,j]*U[j,k], j) + b[k])
"""
LSTM = """
lstm(x, h0, c0, *, W, U, b):
    h[-1,n,k] = h0[n,k]
    c[-1,n,k] = c0[n,k]
    z[t,n,g,k] = sum(x[t,n,d]*W[d,g,k], d) + sum(h[t-1,n,j]*U[j,g,k], j) + b[g,k]
    i[t,n,k] = sigmoid(z[t,n,0,k])
    f[t,n,k] = sigmoid(z[t,n,1,k])
    q[t,n,k] = tanh(z[t,n,2,k])
    o[t,n,k] = sigmoid(z[t,n,3,k])
    c[t,n,k] = f[t,n,k]*c[t-1,n,k] + i[t,n,k]*q[t,n,k]
    h[t,n,k] = o[t,n,k]*tanh(c[t,n,k])
"""
GRU = """
gru(x, h0, *, W, U, b, a):
    h[-1,n,k] = h0[n,k]
    u[t,n,g,k] = sum(x[t,n,d]*W[d,g,k], d) + b[g,k]
    v[t,n,g,k] = sum(h[t-1,n,j]*U[j,g,k], j) + a[g,k]
    r[t,n,k] = sigmoid(u[t,n,0,k] + v[t,n,0,k])
    z[t,n,k] = sigmoid(u[t,n,1,k] + v[t,n,1,k])
    m[t,n,k] = tanh(u[t,n,2,k] + r[t,n,k]*v[t,n,2,k])
    h[t,n,k] = (1 - z[t,n,k])*m[t,n,k] + z[t,n,k]*h[t-1,n,k]
"""
STEPS = {  # of one array, each by what is special about it
    "a running sum": "y[k] = pad(y[k-1]) + x[k]",
    "a running sum from the end": "y[k] = pad(y[k+1]) + x[k]",
    "a running product": "y[k] = pad(y[k-1], 1)*x[k]",
    "a start that is computed": "f(x, a): y[-1] = 2*a + 1; y[t] = y[t-1]*x[t]",
    "a start that lacks an axis": "f(x, b, U): y[-1,n,k] = b[k]; y[t,n,k] = tanh(sum(y[t-1,n,j]*U[j,k], j) + x[t,n,k])",
    "a number as the start": "f(x, U): y[-1,n,k] = 0; y[t,n,k] = tanh(sum(y[t-1,n,j]*U[j,k], j) + x[t,n,k])",
    "two steps back": "f(x, a, b, p, q): y[-1] = a; y[-2] = b; y[t] = p*y[t-1] + q*tanh(y[t-2]) + x[t]",
    "from the end": "f(x, h0, *, U): h[size(t),n,k] = h0[n,k]; h[t,n,k] = tanh(x[t,n,k] + sum(h[t+1,n,j]*U[j,k], j))",
    "time as the second axis": "f(x, h0, *, U): h[n,-1,k] = h0[n,k]; h[n,t,k] = tanh(x[n,t,k] + sum(h[n,t-1,j]*U[j,k], j))",
    "leading axes": "f(x, *, U): h[...,t,k] = tanh(x[...,t,k] + sum(pad(h[...,t-1,j])*U[j,k], j))",
    "a matrix for each step": "f(x, A): h[t,i] = sum(A[t,i,j]*pad(h[t-1,j]), j) + x[t,i]",
    "the number of the step": "f(x): y[t] = pad(y[t-1])*t/(t+1) + x[t]/(t+1)",
    "a division by each step": "f(x, z): y[t] = pad(y[t-1])/(1 + x[t]**2) + z[t]",
    "a gather": "f(w, *, E, U): h[t,k] = tanh(E[w[t],k] + sum(pad(h[t-1,j])*U[j,k], j))",
    "a window of the step before": "f(x, *, w): h[t,i] = tanh(x[t,i] + sum(pad(h[t-1,i+p-1])*w[p], p=3))",
    "a mask": "f(x, m, *, U): h[t,k] = where(m[t], tanh(x[t,k] + sum(pad(h[t-1,j])*U[j,k], j)), pad(h[t-1,k]))",
    "lengths of sequences": "f(x, l): h[t,n] = where(t < l[n], tanh(x[t,n] + pad(h[t-1,n])), pad(h[t-1,n]))",
    "a normalization": "f(x, a): p[t,k] = exp(a*x[t,k] + pad(p[t-1,k])) / sum(exp(a*x[t,i] + pad(p[t-1,i])), i)",
    "a largest": "f(e, A, s): a[-1,k] = s[k]; a[t,k] = e[t,k] + max(a[t-1,j] + A[j,k], j); L = max(a[-1,k], k)",
    "a sum of exponentials": "f(e, A, s): a[-1,k] = s[k]; a[t,k] = e[t,k] + logsumexp(a[t-1,j] + A[j,k], j); L = logsumexp(a[-1,k], k)",
    "two that need each other": "f(x, y): a[t] = 0.5*pad(a[t-1]) + x[t] - 0.3*pad(b[t-1]); b[t] = a[t]*y[t] + 0.1*pad(b[t-2])",
    "both ways": "f(x, a): u[t] = x[t] + a*pad(u[t-1]); v[t] = x[t]**2 + a*pad(v[t+1]); y[t] = u[t]*v[t]",
    "one on top of another": "f(x, *, V): h[t,k] = tanh(x[t,k] + pad(h[t-1,k])); y[t,k] = tanh(sum(h[t,j]*V[j,k], j) + pad(y[t-1,k]))",
    "several outputs": "f(x, a): u[t] = x[t] + a*pad(u[t-1]); y[t] = u[t]**2; z = sum(u[t]*x[t], t)",
}  # fmt: skip
