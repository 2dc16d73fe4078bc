"""Noise and masks that act during training only, and penalties added to a loss.

Noise and masks are inputs: drawing them is left to the caller, so that a run can be repeated.
"""

LAYERS = """
# Inverted dropout: keeps the values where the mask is true, scaled up so that the expectation stays the same.
# mask is a boolean tensor, true with probability 1 - rate; drawing it is left to the caller, so that a run can be repeated.
# Source: Srivastava et al. 2014; torch.nn.Dropout
dropout(x, mask, rate=0.5): y = where(mask, x/(1 - rate), 0)

# Dropout of whole channels of pictures: x (N, C, H, W), booleans mask (N, C), true with probability 1 - rate.
# Source: Tompson et al. 2015, Efficient object localization using convolutional networks, ch. 3.2; torch.nn.Dropout2d
dropout2d(x, mask, rate=0.5): y[n,c,h,w] = where(mask[n,c], x[n,c,h,w]/(1 - rate), 0)

# Dropout that keeps mean 0 and variance 1, for networks of selu: x and mask of one shape, mask true with probability 1 - rate.
# low is the value of selu far to the left.
# Source: Klambauer et al. 2017, Self-normalizing neural networks; torch.nn.AlphaDropout
alpha_dropout(x, mask, rate=0.5, low=-1.7580993408473766):
    a = 1/sqrt((1 - rate)*(1 + rate*low**2))
    y = a*(where(mask, x, low) - rate*low)

# Dropout of weights: x (..., I), booleans mask (I, O), true with probability 1 - rate, W (I, O), b (O,) give y (..., O).
# Source: Wan et al. 2013, Regularization of neural networks using DropConnect (scaled as dropout is)
drop_connect(x, mask, *, W, b, rate=0.5):
    M[i,o] = where(mask[i,o], W[i,o]/(1 - rate), 0)
    y[...,o] = sum(x[...,i]*M[i,o], i) + b[o]

# Dropout of whole samples of a residual branch: x (N, T, D), booleans mask (N,), true with probability 1 - rate.
# Source: Huang et al. 2016, Deep networks with stochastic depth; torchvision.ops.StochasticDepth(mode="row")
drop_path(x, mask, rate=0.1): y[n,t,d] = where(mask[n], x[n,t,d]/(1 - rate), 0)

# The new state of a recurrent network, or the one before it where the mask is true.
# Source: Krueger et al. 2017, Zoneout
zoneout(h, h_new, mask): y = where(mask, h, h_new)

# Noise in proportion to the value, with the variance of dropout: noise is drawn from the standard normal distribution.
# Source: Srivastava et al. 2014, ch. 10; keras.layers.GaussianDropout
gaussian_dropout(x, noise, rate=0.5): y = x*(1 + sqrt(rate/(1 - rate))*noise)

# Noise of one size: noise is drawn from the standard normal distribution.
# Source: Bishop 1995, Training with noise is equivalent to Tikhonov regularization; keras.layers.GaussianNoise
gaussian_noise(x, noise, sigma=0.1): y = x + sigma*noise

# A sample of a normal distribution by its mean and the logarithm of its variance, with a gradient: noise is standard normal.
# Source: Kingma and Welling 2014, Auto-encoding variational Bayes, eq. 10
reparameterize(mu, log_var, noise): z = mu + exp(log_var/2)*noise

# Two samples mixed, inputs or targets: lam is drawn from a beta distribution by the caller.
# Source: Zhang et al. 2018, mixup: Beyond empirical risk minimization, eq. 1; torch.lerp
mixup(a, b, lam=0.5): y = lam*a + (1 - lam)*b

# Two samples cut together: a where the mask is true, else b.
# Source: Yun et al. 2019, CutMix, eq. 1; torch.where
cutmix(a, b, mask): y = where(mask, a, b)

# Targets moved towards the uniform distribution 1/K: t (..., K) gives y (..., K).
# Source: Szegedy et al. 2016, Rethinking the Inception architecture, ch. 7; torch.nn.CrossEntropyLoss(label_smoothing=eps)
label_smoothing(t, eps=0.1): y[...,k] = t[...,k] + eps*(1 - size(k)*t[...,k])/size(k)

# The sum of all magnitudes: w of any shape gives a number.
# Kink: the derivative at 0 is 0.
# Source: Tibshirani 1996, Regression shrinkage and selection via the lasso
l1_penalty(w, strength=0.01): L = strength*sum(abs(w[...]), ...)

# Half the sum of all squares: w of any shape gives a number.
# Source: Krogh and Hertz 1992, A simple weight decay can improve generalization; Saito, Deep Learning from Scratch, ch. 6.4.2
l2_penalty(w, strength=0.01): L = strength/2*sum(w[...]**2, ...)

# A mixture of both penalties: w of any shape gives a number.
# Kink: the derivative of a magnitude at 0 is 0.
# Source: Zou and Hastie 2005; sklearn.linear_model.ElasticNet
elastic_net(w, strength=0.01, ratio=0.5): L = strength*(ratio*sum(abs(w[...]), ...) + (1 - ratio)/2*sum(w[...]**2, ...))

# The sum of the lengths of the rows, which makes whole rows vanish: W (G, I) gives a number. The gradient of a row of zeros is not defined.
# Source: Yuan and Lin 2006, Model selection and estimation in regression with grouped variables
group_lasso(W, strength=0.01): L = strength*sum(sqrt(sum(W[g,i]**2, i)), g)

# A weight whose columns are no longer than the limit: W (I, O) gives y (I, O).
# Kink: at the limit the column is left as it is.
# Source: Srivastava et al. 2014, ch. 5.1; torch.renorm(p=2, dim=1)
max_norm(W, limit=3):
    r[o] = sqrt(sum(W[i,o]**2, i))
    y[i,o] = W[i,o]*where(r[o] <= limit, 1, limit/r[o])

# The negative entropy of predictions, for a penalty on those that are too sure: logits z (N, K) give a number.
# Source: Pereyra et al. 2017, Regularizing neural networks by penalizing confident output distributions
confidence_penalty(z, beta=0.1): L = -beta*entropy(z)
"""
